"""Policy as code: tiers, controls, requirements, criteria, authority; the default standard and the frameworks."""
