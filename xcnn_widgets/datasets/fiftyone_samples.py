"""Results as a FiftyOne dataset: labels, predictions, and a heatmap a method."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..methods import heatmaps
from .cuts import Ground, ground_of
from .maps import map_of
from .question import Question
from .rows import FEW, Row, rows_of

if TYPE_CHECKING:
    import pyarrow.dataset as ds

# The longer side of a heatmap: FiftyOne keeps it beside the picture and scales it up.
_SIDE = 160


def to_fiftyone(dataset: ds.Dataset, question: Question, name: str | None) -> Any:
    """Make a FiftyOne dataset of the rows whose pictures are files; as `Results.to_fiftyone`."""
    try:
        import fiftyone as fo
    except ImportError as error:
        raise ImportError("to_fiftyone needs FiftyOne: pip install fiftyone") from error
    samples = _samples(dataset, question, fo)
    some = list(islice(samples, FEW))
    if not some:
        raise ValueError(
            "FiftyOne shows files, and none of these pictures is one that is there; results.save_pictures(folder) "
            "makes files, and fiftyone.Dataset.from_images_dir(folder) shows them"
        )
    made = fo.Dataset(name)
    while some:
        made.add_samples(some, progress=False)
        some = list(islice(samples, FEW))
    return made


def _samples(dataset: ds.Dataset, question: Question, fo: Any) -> Iterator[Any]:
    from pathlib import Path

    parts = [
        f"{each}_{part}" for each in question.methods for part in ("map", "shape", "low", "high")
    ]
    told = ("index", "key", "source", "label", "prediction", question.said, "error", "thumbnail")
    for row in rows_of(dataset, [*told, *parts]):
        if Path(row["source"]).is_file():
            yield _sample(row, question, fo)


def _sample(row: Row, question: Question, fo: Any) -> Any:
    sample = fo.Sample(filepath=row["source"], row=row["index"])
    if row["label"] is not None:
        sample["ground_truth"] = fo.Classification(label=row["label"])
    if row["prediction"] is not None:
        sample["prediction"] = fo.Classification(
            label=row["prediction"], confidence=row.get("probability")
        )
    if row["error"]:
        sample["error"] = row["error"]
    with_maps = [each for each in question.methods if row[f"{each}_map"] is not None]
    ground = ground_of(row) if with_maps else None
    if ground is not None and ground.is_source:
        for method in with_maps:
            heat = _over_all(map_of(row, method, question), ground)
            sample[method] = fo.Heatmap(map=heat, range=[0, 255])
    elif ground is not None:
        # A heatmap is drawn over the whole file: where it lies in there has to be known.
        sample["error"] = f"no heatmap: {ground.told.removeprefix('thumbnail: ')}"
    return sample


def _over_all(values: NDArray[np.float32], ground: Ground) -> NDArray[np.uint8]:
    """A heatmap of the whole picture, 0 where the model saw nothing."""
    scale = _SIDE / max(ground.picture.size)
    left, upper, right, lower = (round(edge * scale) for edge in ground.box)
    width, height = (max(1, round(side * scale)) for side in ground.picture.size)
    found = np.zeros((height, width), np.uint8)
    inside = found[upper:lower, left:right]
    heat = heatmaps(torch.from_numpy(values).unsqueeze(0), inside.shape)[0].numpy()
    inside[:] = np.rint(heat * 255).astype(np.uint8)
    return found
