"""Judge one answer: plain functions from a case and a reply to a number in [0, 1], or None."""
