"""The examples in the docstrings run and say what they show."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from xcnn_widgets import methods, metrics, network, passes

MODULES = [
    module.name
    for part in (network, passes, methods, metrics)
    for module in pkgutil.walk_packages(part.__path__, f"{part.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_there_are_examples() -> None:
    modules = [importlib.import_module(name) for name in MODULES]
    assert sum(doctest.testmod(module).attempted for module in modules) >= 8
