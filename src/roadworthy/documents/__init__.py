"""Documents made from a verdict: the release report, checklist, summary and what the terminal shows."""
