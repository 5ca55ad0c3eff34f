"""Findings: what is wrong, who mends it, until when."""
