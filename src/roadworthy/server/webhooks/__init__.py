"""What the server tells others: signed webhooks with retries."""
