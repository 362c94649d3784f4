"""Asks one model of each family, and prints the table of `docs/which-models-work.md`; or writes it."""

from __future__ import annotations

import argparse
import time
import warnings

import torch

from . import SPECIMENS, Answer, ask
from .table import PAGE, row, written


def main() -> int:
    """Ask all, or those whose names hold a word."""
    parser = argparse.ArgumentParser(prog="python -m tests.models.families", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into the page")
    parser.add_argument("words", nargs="*", help="only families with one of these words")
    options = parser.parse_args()
    if options.write and options.words:
        parser.error("the whole table is written, or nothing")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    answers: dict[str, Answer] = {}
    wrong = 0
    for specimen in SPECIMENS:
        if options.words and not any(word in specimen.id for word in options.words):
            continue
        started = time.monotonic()
        try:
            answers[specimen.id] = ask(specimen)
        except Exception as error:
            wrong += 1
            print(f"WRONG {specimen.id}: {type(error).__name__}: {error}", flush=True)
            continue
        took = time.monotonic() - started
        extra = answers[specimen.id].seconds
        print(f"{row(specimen, answers[specimen.id])} {took:.1f} s, {extra:+.2f} s", flush=True)
    print(f"{len(answers)} right, {wrong} wrong")
    if options.write and not wrong:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), answers), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
