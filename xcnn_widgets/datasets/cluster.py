"""A Ray cluster for as long as it is needed: one that is there, or one on this machine that is started and ended."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
import ray.data

# Rows on their way take little; what is larger than this, and what does not fit, Ray keeps on the disk.
_STORE = 256 * 2**20


@contextmanager
def connected(address: str | None, size: int) -> Iterator[None]:
    """Be connected to a cluster.

    Parameters
    ----------
    address
        As ``ray.init`` takes it; None takes the cluster that this process is connected to, or that of ``RAY_ADDRESS``, or
        starts one on this machine.
    size
        The bytes of what is sent to all workers, for which a cluster that is started has room.

    Raises
    ------
    ValueError
        If this process is connected to another cluster.
    ConnectionError
        If there is none at the address.
    """
    if ray.is_initialized():
        here = ray.get_runtime_context().gcs_address
        if address not in (None, "auto", here):
            raise ValueError(
                f"ray_address is {address!r}, but this process is connected to the cluster {here!r}; "
                "leave ray_address out, or call ray.shutdown() first"
            )
        with _quiet():
            yield
        return
    found = address or os.environ.get("RAY_ADDRESS") or "local"
    own: dict[str, Any] = {}
    if found == "local":
        # Nobody asked us to tell anyone; who wants it sets the variable.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        own = {"include_dashboard": False, "object_store_memory": _STORE + 2 * size}
    with _quiet():
        _start(found, **own)
        try:
            yield
        finally:
            ray.shutdown()


def workers_with_room(gpus_per_worker: float) -> int:
    """How many workers, each with a processor and a share of a GPU, find room in the cluster as it is.

    Raises
    ------
    ValueError
        If there are not enough GPUs for one.
    """
    there = ray.cluster_resources()
    count = int(there.get("CPU", 0))
    if gpus_per_worker:
        gpus = int(there.get("GPU", 0))
        # The share of a GPU is never made up of two.
        share = int(1 / gpus_per_worker + 1e-6)
        of_gpus = gpus * share if share else int(gpus // gpus_per_worker)
        if not of_gpus:
            raise ValueError(
                f"gpus_per_worker is {gpus_per_worker:g}, but the cluster has {gpus} GPUs now; ask for less, "
                "or say how many workers there shall be, if the cluster grows with what is asked of it"
            )
        count = min(count, of_gpus)
    return max(1, count)


def _start(address: str, **own: Any) -> None:
    """Start or join a cluster; one that did not come up on a busy machine is started once more."""
    for is_last in (False, True):
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **own)
        except (ConnectionError, ValueError):
            raise
        except Exception as error:
            # Ray gives its own processes a few seconds to come up, and leaves those that did.
            ray.shutdown()
            if is_last:
                raise RuntimeError(
                    f"Ray did not start: {error} On a machine that does much else it may come up the next time"
                ) from error
        else:
            return


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Ray's own bars and lines: there is one bar already."""
    context = ray.data.DataContext.get_current()
    log = logging.getLogger("ray.data")
    bars, level = context.enable_progress_bars, log.level
    context.enable_progress_bars = False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        context.enable_progress_bars = bars
        log.setLevel(level)
