"""Judges: how good is a pair, and which of two is better."""
