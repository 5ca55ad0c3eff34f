"""Evidence: content-addressed files, records, the explorer."""
