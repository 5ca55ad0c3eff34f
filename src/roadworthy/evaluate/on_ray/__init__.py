"""A run on a Ray cluster: the driver keeps the record, workers make the calls."""
