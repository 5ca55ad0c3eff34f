"""Assessments: harm scenarios, threats, mitigations, briefs."""
