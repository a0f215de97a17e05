"""The tables and the single match: what a fight is, seen from Python."""
