"""The API: the same things as the pages, with the same words, for programs."""
