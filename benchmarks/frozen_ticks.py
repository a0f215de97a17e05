"""Duels of the frozen roster `legacy`, for callgrind.sh.

Its content and rules stay, so that a count that rises is the engine's doing, not that of fights in
which more happens.
"""

from .core_ticks import play_counted_lap

if __name__ == "__main__":
    play_counted_lap("legacy")
