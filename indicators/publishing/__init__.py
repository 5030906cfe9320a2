"""How new data comes in: read, check, compare, write. Nothing else writes observations or releases."""
