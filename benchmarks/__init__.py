"""Rates of every interface, measured in the same run: `python -m benchmarks`."""
