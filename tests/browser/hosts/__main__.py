"""Prints the table of `docs/where-it-runs.md`, or writes it: only after all of its tests have passed.

`make test PART="browser hosts"`, then `python -m tests.browser.hosts --write`.
"""

from __future__ import annotations

import argparse
import sys

from .table import PAGE, not_passed, rows


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.hosts", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into the page, after its text")
    chosen = parser.parse_args()
    missing = not_passed()
    if missing:
        print("did not pass, or did not run, in tests/reports:", *missing, sep="\n  ")
        return 1
    table = "\n".join(rows())
    if chosen.write:
        text = PAGE.read_text(encoding="utf-8").partition("| host |")[0]
        PAGE.write_text(f"{text}{table}\n", encoding="utf-8")
    else:
        print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
