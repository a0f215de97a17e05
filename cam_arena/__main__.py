"""`python -m cam_arena` is `cam-arena`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
