"""What stands in the database, checked against what must be true of it."""
