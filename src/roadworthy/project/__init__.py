"""A team's directory, and the loop run over it."""
