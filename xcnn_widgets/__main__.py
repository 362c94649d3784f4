"""`python -m xcnn_widgets`: from a notebook to a page that works without Python."""

import sys

from .pages.command import main

if __name__ == "__main__":
    sys.exit(main())
