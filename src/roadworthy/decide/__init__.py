"""From evidence to outcomes, verdict, exceptions, sign-offs and replay."""
