"""What must not be committed, and what must agree."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .conftest import ROOT, tracked_files

pytestmark = pytest.mark.packaging

# The character classes keep this file from matching itself.
FORBIDDEN = {
    "a registry's address": r"https?:[/]/[^\s\"']*(registry\.npmjs|pypi\.org|pythonhosted|/simple/)",
    "a path of somebody's machine": r"(^|[\s\"'=(:])/(?:[h]ome|[r]oot|[U]sers|[w]ork)/\w",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE [K]EY",
}
BINARY = {".png", ".jpg", ".ico"}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = {
        str(name): match.group(0)
        for name in tracked_files()
        if name.suffix not in BINARY
        and (match := pattern.search((ROOT / name).read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}


def test_there_is_no_lock_file_of_addresses() -> None:
    names = {name.name for name in tracked_files()}
    assert names.isdisjoint({"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock"})
    assert '"resolved"' not in (ROOT / "js/package-lock.json").read_text(encoding="utf-8")


def test_the_pins_are_bare_versions() -> None:
    lines = (ROOT / "requirements/pinned.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 100
    assert all(re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.+!-]+( ; .+)?$", pin) for pin in pins)


def test_every_requirement_of_the_project_has_a_pin_that_satisfies_it() -> None:
    lines = (ROOT / "requirements/pinned.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    here = {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }
    wrong = {
        str(requirement): here.get(canonicalize_name(requirement.name), "not pinned")
        for requirement in _requirements()
        if not requirement.specifier.contains(here.get(canonicalize_name(requirement.name), "0"))
    }
    assert wrong == {}, "run make pins"


def _requirements() -> Iterator[Requirement]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = content["project"]["optional-dependencies"].values()
    groups = content["dependency-groups"].values()
    for names in (content["project"]["dependencies"], *extras, *groups):
        # A group may include another, by a table.
        yield from (Requirement(name) for name in names if isinstance(name, str))
