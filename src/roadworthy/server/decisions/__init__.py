"""Decisions: requests, signatures, exceptions, authority."""
