"""Systems: inventory, versions, intake, office hours."""
