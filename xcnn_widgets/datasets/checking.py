"""Whether what `explain_dataset` is asked can be done, before anything is."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Literal

from ..metrics import ROW_METRICS
from .folder import Folder
from .question import MAP_TYPES, Question

Engine = Literal["local", "ray"]
ENGINES: tuple[Engine, ...] = ("local", "ray")


def check(
    *,
    engine: str,
    maps: str,
    thumbnail: int,
    metrics: Sequence[str],
    workers: int | None,
    ray_address: str | None,
    gpus_per_worker: float,
) -> None:
    """Raise what `explain_dataset` says of arguments that are none of those there are."""
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; expected one of {', '.join(map(repr, ENGINES))}")
    if maps not in MAP_TYPES:
        raise ValueError(f"maps is {maps!r}; expected one of {', '.join(map(repr, MAP_TYPES))}")
    if isinstance(thumbnail, bool) or not isinstance(thumbnail, int) or thumbnail < 16:
        raise ValueError(f"thumbnail is {thumbnail!r}; expected a number of pixels, 16 or more")
    if isinstance(metrics, str):
        raise TypeError(f"metrics is {metrics!r}; expected a list: [{metrics!r}]")
    for metric in metrics:
        if metric not in ROW_METRICS:
            known = ", ".join(map(repr, ROW_METRICS))
            raise ValueError(f"metrics holds {metric!r}; there are {known}")
    least = 1 if engine == "ray" else 0
    if workers is not None and (isinstance(workers, bool) or workers < least):
        raise ValueError(
            f"workers is {workers!r}; expected a number of processes, {least} or more, or None"
        )
    if engine == "ray":
        _check_ray(gpus_per_worker)
    elif ray_address is not None or gpus_per_worker:
        name = "gpus_per_worker" if ray_address is None else "ray_address"
        raise ValueError(f"{name} is for workers of Ray; set engine='ray' too, or leave it out")


def check_folder(folder: Folder, question: Question, *, resume: bool, overwrite: bool) -> None:
    """Raise what `explain_dataset` says of a folder that has results."""
    if overwrite or not folder.has_results:
        return
    if not resume:
        raise FileExistsError(
            f"there are results in '{folder.path}'; resume=True goes on with them, overwrite=True removes them"
        )
    differences = folder.question().differences(question)
    if differences:
        raise ValueError(
            f"the results in '{folder.path}' answer another question:\n  "
            + "\n  ".join(differences)
            + "\nchoose another folder, ask the same, or overwrite=True removes them"
        )


def _check_ray(gpus_per_worker: float) -> None:
    share = gpus_per_worker
    if not 0 <= share <= 1 and share != round(share):
        raise ValueError(
            f"gpus_per_worker is {share!r}; expected a share from 0 to 1, or a whole number of GPUs"
        )
    if share < 0:
        raise ValueError(f"gpus_per_worker is {share!r}; expected 0 or more")
    if find_spec("ray") is None:
        raise ImportError(
            "engine='ray' needs Ray, which is not installed: pip install 'xcnn-widgets[ray]'"
        )
