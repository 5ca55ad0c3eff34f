"""People, groups, roles, grants, delegations and tokens; how they come in."""
