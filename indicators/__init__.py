"""Indicators, targets, regions and yearly observations as open data."""
