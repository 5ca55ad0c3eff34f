"""Metrics as a table, one file for each dimension."""
