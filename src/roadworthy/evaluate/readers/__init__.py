"""Read rows from files in bounded memory, one file format each."""
