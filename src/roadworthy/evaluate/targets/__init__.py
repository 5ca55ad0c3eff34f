"""What is asked or read: one file for each kind of target."""
