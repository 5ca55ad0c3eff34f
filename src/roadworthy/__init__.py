"""Roadworthy: decide, with evidence, whether an AI feature may ship."""

__version__ = "0.1.0"
