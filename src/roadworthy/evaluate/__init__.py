"""Measure: suites, datasets, targets, scorers, metrics, the runner and its results."""
