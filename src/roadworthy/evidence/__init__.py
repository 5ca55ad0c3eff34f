"""Evidence: fingerprints, signed records, the ledger that lists them, and bundles that carry them."""
