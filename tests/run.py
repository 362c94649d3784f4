"""Runs every part of the tests, also after a failure, and ends with one summary.

`python tests/run.py` runs all parts, `python tests/run.py python browser` the named ones.
"""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "tests" / "reports"
PYTEST = (sys.executable, "-m", "pytest")
OWN_PARTS = ("tests/browser", "tests/notebooks", "tests/packaging")
NOTEBOOKS = ("-p", "nbval", "--nbval", "--nbval-current-env", "notebooks", "tests/notebooks")

PARTS: dict[str, tuple[str, ...]] = {
    "doctests": (*PYTEST, "--doctest-modules", "xcnn_widgets"),
    "python": (*PYTEST, "tests", *(f"--ignore={part}" for part in OWN_PARTS), "-m", "not slow"),
    "slow": (*PYTEST, "tests", *(f"--ignore={part}" for part in OWN_PARTS), "-m", "slow"),
    "typescript": ("npm", "--prefix", "js", "test", "--", "--reporter=default", "--reporter=junit"),
    "notebooks": (*PYTEST, *NOTEBOOKS),
    "browser": (*PYTEST, "tests/browser"),
    "packaging": (*PYTEST, "tests/packaging"),
}


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
    outcomes = [run_part(name) for name in names or PARTS]
    print(f"\n{'part':<15}{'passed':>8}{'failed':>8}{'skipped':>9}{'time':>9}")
    for each in outcomes:
        counts = f"{each.passed:>8}{each.failed:>8}{each.skipped:>9}"
        print(f"{each.part:<15}{counts}{each.seconds:>7.0f} s")
    passed, failed, skipped = (
        sum(getattr(each, count) for each in outcomes) for count in ("passed", "failed", "skipped")
    )
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def run_part(name: str) -> Outcome:
    """Run one part; one that fails without a failing test, or runs none, counts as a failure."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    option = f"--outputFile.junit={report}" if name == "typescript" else f"--junit-xml={report}"
    print(f"\n=== {name} ===", flush=True)
    started = time.monotonic()
    code = subprocess.run((*PARTS[name], option), cwd=ROOT, check=False).returncode
    seconds = time.monotonic() - started
    passed, failed, skipped = count(report) if report.exists() else (0, 0, 0)
    if failed == 0 and (code != 0 or passed == 0):
        print(f"{name}: exit code {code}, {passed} tests passed", flush=True)
        failed = 1
    return Outcome(name, passed, failed, skipped, seconds)


def count(report: Path) -> tuple[int, int, int]:
    """Count the passed, failed and skipped tests of a JUnit report."""
    cases = list(ET.parse(report).iter("testcase"))
    failed = sum(1 for case in cases if any(case.findall(kind) for kind in ("failure", "error")))
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return len(cases) - failed - skipped, failed, skipped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
