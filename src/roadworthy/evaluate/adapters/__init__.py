"""Read the logs of other evaluation tools as rows of a dataset, one tool in a file."""
