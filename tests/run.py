"""Runs every part of the tests, also after a failure, and ends with one summary.

`python tests/run.py` runs all parts but `families` and `hosts`, `python tests/run.py python browser` the named ones, two
at a time; what a part writes is then shown when it is done.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "tests" / "reports"
PYTEST = (sys.executable, "-m", "pytest")
# An environment of its own, which `make` sets up.
FLOOR = (".venv-floor/bin/python", "-m", "pytest")
OWN_PARTS = ("tests/browser", "tests/docs", "tests/floor", "tests/notebooks", "tests/packaging")
NOTEBOOKS = ("-p", "nbval", "--nbval", "--nbval-current-env", "notebooks", "tests/notebooks")

# The longest first: the others run beside it.
PARTS: dict[str, tuple[str, ...]] = {
    "browser": (*PYTEST, "tests/browser", "-m", "not hosts"),
    "hosts": (*PYTEST, "tests/browser/hosts", "-m", "hosts"),
    "doctests": (*PYTEST, "--doctest-modules", "xcnn_widgets"),
    "python": (
        *PYTEST,
        "tests",
        *(f"--ignore={part}" for part in OWN_PARTS),
        "-m",
        "not slow and not families",
    ),
    "slow": (*PYTEST, "tests", *(f"--ignore={part}" for part in OWN_PARTS), "-m", "slow"),
    "families": (*PYTEST, "tests/methods/test_every_family.py"),
    "typescript": ("npm", "--prefix", "js", "test", "--", "--reporter=default", "--reporter=junit"),
    "notebooks": (*PYTEST, *NOTEBOOKS),
    "docs": (*PYTEST, "tests/docs"),
    "packaging": (*PYTEST, "tests/packaging"),
    "floor": (*FLOOR, "tests/floor"),
}


# Run only where they are named: a sample of the families is in the part `slow`.
ONLY_NAMED = ("families", "hosts")
# Browsers, servers, kernels and clusters on a busy machine: what fails there is asked a second time, and told.
TRIED_TWICE = ("browser", "docs", "slow")
AT_ONCE = 2
# Two that run side by side must not each start a thread for every core.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_showing = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What one part came to."""

    part: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def main(names: list[str]) -> int:
    """Run the named parts, or all; return the exit code."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    asked = names or [part for part in PARTS if part not in ONLY_NAMED]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda name: run_part(name, together=len(asked) > 1), asked))
    print(f"\n{'part':<15}{'passed':>8}{'failed':>8}{'skipped':>9}{'time':>9}")
    for each in outcomes:
        counts = f"{each.passed:>8}{each.failed:>8}{each.skipped:>9}"
        print(f"{each.part:<15}{counts}{each.seconds:>7.0f} s")
    passed, failed, skipped = (
        sum(getattr(each, count) for each in outcomes) for count in ("passed", "failed", "skipped")
    )
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def run_part(name: str, together: bool) -> Outcome:
    """Run one part; one that fails without a failing test, or runs none, counts as a failure."""
    print(f"\n=== {name} ===", flush=True)
    started = time.monotonic()
    passed, failed, skipped = run(name, together)
    if failed and name in TRIED_TWICE:
        print(f"{name}: {failed} failed; these are tried once more", flush=True)
        again, failed, _ = run(name, together, "--last-failed", "--last-failed-no-failures=none")
        passed += again
    return Outcome(name, passed, failed, skipped, time.monotonic() - started)


def run(name: str, together: bool, *options: str) -> tuple[int, int, int]:
    """Run a part's command and count its passed, failed and skipped tests."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    if name == "typescript":
        options = (*options, f"--outputFile.junit={report}")
    else:
        # A cache of its own, or another part would write over what failed here.
        options = (*options, f"--junit-xml={report}", "-o", f"cache_dir=.pytest_cache/{name}")
    try:
        code = carry_out(name, (*PARTS[name], *options), together)
    except FileNotFoundError as missing:
        print(f"{name}: {missing}; make test PART={name} sets it up", flush=True)
        code = 127
    passed, failed, skipped = count(report) if report.exists() else (0, 0, 0)
    if failed == 0 and (code != 0 or passed == 0):
        print(f"{name}: exit code {code}, {passed} tests passed", flush=True)
        failed = 1
    return passed, failed, skipped


def carry_out(name: str, command: Sequence[str], together: bool) -> int:
    """Run a command; what it writes is shown at once or, of several together, when it is done."""
    if not together:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with _showing:
        print(f"\n=== {name}, what it wrote ===\n{done.stdout}", flush=True)
    return done.returncode


def count(report: Path) -> tuple[int, int, int]:
    """Count the passed, failed and skipped tests of a JUnit report."""
    cases = list(ET.parse(report).iter("testcase"))
    failed = sum(1 for case in cases if any(case.findall(kind) for kind in ("failure", "error")))
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return len(cases) - failed - skipped, failed, skipped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
