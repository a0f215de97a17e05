"""Pictures of matches: viewer, videos, human play. Nothing else in the package imports pygame."""

import os

# Read by pygame when it is imported: no greeting on standard output.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
