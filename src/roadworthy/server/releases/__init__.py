"""Releases: bundles received and replayed, verdicts, clearance."""
