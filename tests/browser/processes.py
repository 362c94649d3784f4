"""Servers that a test starts, waits for, and stops again."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TypeVar

PATIENCE = 120  # seconds; a wait ends when the thing is there, so a long one costs nothing
Found = TypeVar("Found")


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    ask: Callable[[subprocess.Popen[bytes]], Found],
) -> Iterator[Found]:
    """Run a command in a folder until it is no longer needed.

    Parameters
    ----------
    ask
        Asks the server, and raises an OSError or ValueError while it is not there; what it tells is what one gets.
    """
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment, "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _answer(process, log, ask)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def serving(
    command: Sequence[str], folder: Path, address: str, environment: Mapping[str, str]
) -> Iterator[None]:
    """Run a server that answers at an address that is known before."""

    def ask(_: subprocess.Popen[bytes]) -> None:
        urllib.request.urlopen(address, timeout=PATIENCE).close()

    with running(command, folder, environment, ask):
        yield


def _answer(
    process: subprocess.Popen[bytes], log: Path, ask: Callable[[subprocess.Popen[bytes]], Found]
) -> Found:
    give_up = monotonic() + PATIENCE
    while monotonic() < give_up:
        assert process.poll() is None, f"the server stopped:\n{log.read_text()}"
        try:
            return ask(process)
        except (OSError, ValueError):
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise TimeoutError(f"no server after {PATIENCE} s:\n{log.read_text()}")
