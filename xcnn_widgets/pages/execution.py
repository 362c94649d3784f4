"""Reading a notebook, and running it as its author would."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from .failure import PublishError

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of any version.

    Raises
    ------
    PublishError
        If there is no such file, or it is no notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PublishError(f"there is no file {path}{_alternatives(path)}") from None
    except IsADirectoryError:
        raise PublishError(f"{path} is a folder; name the notebook in it") from None
    except UnicodeDecodeError:
        raise PublishError(f"{path} is no notebook: it holds no text") from None
    try:
        notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except Exception as error:
        first = str(error).strip().splitlines()[0][:200]
        raise PublishError(
            f"{path} is no notebook; expected a .ipynb file as Jupyter saves it ({first})"
        ) from error
    return notebook


def execute(
    notebook: NotebookNode,
    path: Path,
    timeout: int,
    kernel: str | None,
    tell: Callable[[str], None],
) -> None:
    """Run every cell in the notebook's own folder, and keep outputs and widget state in it.

    Parameters
    ----------
    notebook
        What to run; its outputs are replaced.
    path
        Where it stands.
    timeout
        Seconds that one cell may take; 0 is no limit.
    kernel
        The name of a kernel; None is the notebook's own.
    tell
        Takes a line about each cell that begins.

    Raises
    ------
    PublishError
        If a cell fails, takes too long or ends the kernel, or if there is no such kernel; it says which, and why.
    """
    under_way = [0]

    def started(cell: NotebookNode, cell_index: int) -> None:
        under_way[0] = cell_index
        if cell.cell_type == "code":
            tell(f"cell {cell_index + 1} of {len(notebook.cells)}")

    # State that was stored before belongs to another run.
    notebook.metadata.pop("widgets", None)
    options: dict[str, Any] = {} if kernel is None else {"kernel_name": kernel}
    client = NotebookClient(
        notebook,
        timeout=timeout or None,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_start=started,
        store_widget_state=True,
        record_timing=False,
        **options,
    )
    try:
        # The kernel writes its own warnings there; what cells write is in the notebook.
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        why = f"{error.ename}: {_COLOURS.sub('', error.evalue)}".rstrip(": ")
        raise PublishError(f"{_where(notebook, under_way[0])} failed: {why}") from error
    except CellTimeoutError as error:
        raise PublishError(
            f"{_where(notebook, under_way[0])} took longer than {timeout} s; allow more with --timeout"
        ) from error
    except DeadKernelError as error:
        raise PublishError(
            f"{_where(notebook, under_way[0])} ended the kernel; is there enough memory?"
        ) from error
    except NoSuchKernel as error:
        known = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        raise PublishError(
            f"there is no kernel {error.name!r}; choose with --kernel from: {known}"
        ) from error


def _where(notebook: NotebookNode, index: int) -> str:
    lines = [line for line in notebook.cells[index].source.splitlines() if line.strip()]
    begins = f" ({lines[0].strip()[:70]})" if lines else ""
    return f"cell {index + 1} of {len(notebook.cells)}{begins}"


def _alternatives(path: Path) -> str:
    folder = path.parent
    found = sorted(file.name for file in folder.glob("*.ipynb")) if folder.is_dir() else []
    return f"; notebooks in {folder}: {', '.join(found[:8])}" if found else ""
