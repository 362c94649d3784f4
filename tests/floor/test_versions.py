"""The versions installed are the lowest that the package allows: each bound that it names can be had."""

from __future__ import annotations

import sys
from importlib.metadata import metadata, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

PACKAGE = "xcnn-widgets"

pytestmark = pytest.mark.skipif(
    Path(sys.prefix).name != ".venv-floor", reason="only the floor's environment is at its lowest"
)


def test_every_requirement_is_installed_at_its_lower_bound() -> None:
    requirements = [*map(Requirement, metadata(PACKAGE).get_all("Requires-Dist", []))]
    assert len(requirements) > 10
    wrong = {str(each): version(each.name) for each in requirements if not _is_lowest(each)}
    assert wrong == {}, "these bounds cannot be had together: raise them"


def test_python_is_the_oldest_allowed() -> None:
    oldest = _lower_bound(SpecifierSet(metadata(PACKAGE)["Requires-Python"]))
    assert sys.version_info[:2] == oldest.release[:2], f"make PYTHON=/path/to/python{oldest}"


def _is_lowest(requirement: Requirement) -> bool:
    return Version(version(requirement.name)) == _lower_bound(requirement.specifier)


def _lower_bound(specifiers: SpecifierSet) -> Version:
    (bound,) = (each.version for each in specifiers if each.operator == ">=")
    return Version(bound)
