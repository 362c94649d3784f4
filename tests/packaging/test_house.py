"""The floor plan: which folder may import which, and where private names of torch may stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.packaging

PACKAGE = ROOT / "xcnn_widgets"
FILES = sorted(path for path in PACKAGE.rglob("*.py"))

# Each folder, and what it may import of the others. Whole folders, by their doors.
FLOORS = {
    "bounded_cache": set[str](),
    "network": set[str](),
    "imaging": {"bounded_cache"},
    "passes": {"network", "bounded_cache"},
    "methods": {"passes"},
    "metrics": {"methods"},
    "explainable_cnn": {"methods", "imaging"},
    "study": {"metrics", "imaging"},
    "datasets": {"study"},
    "pages": {"study"},
    "widgets": {"pages", "datasets"},
}
# Inside a folder that has folders.
ROOMS = {
    "passes": {"fast": set[str](), "": {"fast"}},
    "widgets": {
        "": set[str](),
        "brush": {""},
        "explorer": {"", "brush"},
        "gallery": {"", "brush", "explorer"},
    },
}
# What is heavy is imported by its file, inside the function that needs it.
HEAVY = {"xcnn_widgets.imaging.figures", "xcnn_widgets.imaging.signal_figures"}
FRONT_END = {"anywidget", "ipywidgets", "ipycanvas", "traitlets"}

# Private or undocumented parts of torch, as they are written.
PRIVATE = re.compile(
    r"torch\._C|\._C\b|\._version\b|\._is_view\b|\._backward_hooks\b|\._forward_hooks\b"
    r"|\._backward_pre_hooks\b|\._parameters\b|\._buffers\b|_saved_\w+|_raw_saved|_input_metadata"
    r"|\._orig_mod\b(?!\))|_compiled_call_impl|_make_subclass|_conv_forward|_global_\w+_hooks"
    r"|\bnext_functions\b|\.rstrip\(\"0123456789\"\)|\w+Backward\d?\""
)


def _below(folder: str) -> set[str]:
    below = set(FLOORS[folder])
    for other in FLOORS[folder]:
        below |= _below(other)
    return below


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Each module that a file imports something from, and what; also for types only, also in functions."""
    package = ["xcnn_widgets", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module.split(".") if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)


def _floor(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "xcnn_widgets" and len(parts) > 1 else ""


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own not in FLOORS:
        assert own in {"__init__", "__main__", "command", "demo"}
        return
    for module, name in _imports(path):
        floor = _floor(module) or (name if module == "xcnn_widgets" else "")
        assert not floor or floor == own or floor in _below(own), (
            f"{own} stands below {floor}: {module}.{name}"
        )


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_other_folders_come_in_by_the_door(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module, name in _imports(path):
        other = _floor(module)
        if other and other != own and other in FLOORS and own in FLOORS:
            is_door = module == f"xcnn_widgets.{other}"
            assert is_door or module in HEAVY or f"{module}.{name}" in HEAVY, f"{module}.{name}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_rooms_of_a_folder_are_in_order(path: Path) -> None:
    own, *inside = path.relative_to(PACKAGE).parts
    if own not in ROOMS or path.name == "__init__.py":
        return
    room = inside[0] if len(inside) > 1 else ""
    for module, _ in _imports(path):
        parts = module.split(".")
        if parts[:2] == ["xcnn_widgets", own]:
            other = parts[2] if len(parts) > 2 and parts[2] in ROOMS[own] else ""
            assert other == room or other in ROOMS[own][room], f"{_name(path)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_no_two_files_import_each_other(path: Path) -> None:
    own = "xcnn_widgets." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    seen: set[str] = set()
    waiting = [own]
    while waiting:
        for module, name in _imports(_file_of(waiting.pop())):
            for found in (module, f"{module}.{name}"):
                if found == own:
                    raise AssertionError(f"{own} comes back to itself")
                if found not in seen and _is_file(found) and not found.endswith("__init__"):
                    seen.add(found)
                    waiting.append(found)


def _is_file(module: str) -> bool:
    return module.startswith("xcnn_widgets.") and _file_of(module).is_file()


def _file_of(module: str) -> Path:
    return (ROOT / module.replace(".", "/")).with_suffix(".py")


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_only_widgets_know_the_front_end(path: Path) -> None:
    known = {module.split(".")[0] for module, _ in _imports(path)} & FRONT_END
    assert not known or path.relative_to(PACKAGE).parts[0] == "widgets", known


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_only_graph_names_the_private_parts_of_torch(path: Path) -> None:
    found = PRIVATE.findall(path.read_text(encoding="utf-8"))
    assert not found or _name(path).startswith("network/graph/"), found


def test_the_private_parts_of_torch_are_found_where_they_are() -> None:
    files = (PACKAGE / "network" / "graph").glob("*.py")
    assert len({name for path in files for name in PRIVATE.findall(path.read_text())}) > 10


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
