"""Backup and restore: one directory that holds all a server has, and proves itself when it is brought back."""
