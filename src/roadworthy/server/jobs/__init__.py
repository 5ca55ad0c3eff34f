"""What the server does by itself: scheduled jobs, leases, notices."""
