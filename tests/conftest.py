"""What all tests share: no display, one thread a process, and the same examples in every run."""

import os
import signal
import sys
from pathlib import Path

# Before pygame, matplotlib or torch are imported: they read these once.
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts tests in the background has them, and all that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Last, so that an installed package comes first: only benchmarks/ is found there.
sys.path.append(str(Path(__file__).parent.parent))

import hypothesis

# No deadline: a shared machine is slow at random. Derandomised: a red run is red again.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")
