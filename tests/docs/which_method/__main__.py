"""Measures the methods, and writes the tables of `docs/which-method-when.md`."""

from __future__ import annotations

import argparse

from .measuring import measure, stored
from .table import PAGE, written


def main() -> int:
    """Measure all, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.which_method", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these methods and references")
    parser.add_argument(
        "--write", action="store_true", help="write what is stored, measure nothing"
    )
    asked = parser.parse_args()
    if asked.write:
        page = written(PAGE.read_text(encoding="utf-8"), stored())
        PAGE.write_text(page, encoding="utf-8")
    else:
        measure(asked.names)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
