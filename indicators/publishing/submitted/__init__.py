"""Tables that a data steward hands in: CSV, XLSX, Parquet, read with every fault at its place."""
