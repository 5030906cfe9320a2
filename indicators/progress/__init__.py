"""Targets assessed: pure functions from a target and a series to where things stand."""
