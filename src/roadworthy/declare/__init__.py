"""What a team declares: the system, its releases, and what changed between two of them."""
