"""What every operation of the API shares: pages by cursor, revisions, idempotency."""
