"""Datasets whose rows stay in a warehouse: it counts how many are alike, and only the counts come here."""
