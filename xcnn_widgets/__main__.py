"""`python -m xcnn_widgets`: what needs no notebook."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
