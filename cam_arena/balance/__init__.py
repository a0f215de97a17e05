"""Measuring and tuning balance: round robins of bots, statistics of the win rates, gates."""
