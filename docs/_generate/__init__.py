"""The pages of docs/ that are written from the program's own tables."""
