"""Results of very many pictures, as if a model had explained them: written in seconds, of real thumbnails and maps."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image

from xcnn_widgets.datasets.folder import Folder
from xcnn_widgets.datasets.question import Question
from xcnn_widgets.datasets.schema import schema_of

CLASSES = 100
# A file has 64 row groups of a thousand rows.
_FILE = 64_000
_POOL = 3_000


def write_many(folder: Path, count: int) -> None:
    """Write results of `count` pictures, the same each time."""
    made = np.random.default_rng(0)
    question = Question(
        model="Made",
        fingerprint="0" * 32,
        methods=("grad_cam", "guided_grad_cam"),
        layer="conv",
        target="predicted",
        metrics=("deletion",),
        activation="softmax",
        said="probability",
        class_names=tuple(f"thing {number}" for number in range(CLASSES)),
        transform="None",
    )
    to = Folder(folder)
    to.begin(question, {"xcnn_widgets": "0"}, overwrite=False)
    pool = pa.array([_thumbnail(made) for _ in range(_POOL)], pa.binary())
    maps = pa.array([made.bytes(49) for _ in range(_POOL)], pa.binary())
    for first in range(0, count, _FILE):
        rows = min(_FILE, count - first)
        index = np.arange(first, first + rows)
        label, predicted = made.integers(0, CLASSES, rows), made.integers(0, CLASSES, rows)
        predicted = np.where(made.random(rows) < 0.8, label, predicted)
        names = pa.array([f"folder/{number:08d}.jpg" for number in index])
        classes = pa.array(question.class_names)
        shape = pa.array([[7, 7]] * rows, pa.list_(pa.int32()))
        value = pa.array(made.random(rows, np.float32))
        columns = {
            "index": pa.array(index),
            "key": names,
            "source": names,
            "name": names,
            "label": classes.take(pa.array(label)),
            "label_index": pa.array(label, pa.int32()),
            "prediction": classes.take(pa.array(predicted)),
            "prediction_index": pa.array(predicted, pa.int32()),
            "probability": value,
            "right": pa.array(label == predicted),
            "explained": classes.take(pa.array(predicted)),
            "explained_index": pa.array(predicted, pa.int32()),
            "disagreement": pa.array(2 * made.random(rows, np.float32)),
            "size": pa.array([[224, 224]] * rows, pa.list_(pa.int32())),
            "thumbnail": pool.take(pa.array(made.integers(0, _POOL, rows))),
            "note": pa.array([""] * rows),
            "error": pa.array([""] * rows),
        }
        for method in question.methods:
            columns |= {
                f"deletion {method}": pa.array(made.random(rows, np.float32)),
                f"{method}_map": maps.take(pa.array(made.integers(0, _POOL, rows))),
                f"{method}_shape": shape,
                f"{method}_low": pa.array(np.zeros(rows, np.float32)),
                f"{method}_high": pa.array(np.ones(rows, np.float32)),
            }
        schema = schema_of(question)
        nothing = {field.name: pa.nulls(rows, field.type) for field in schema}
        arrays = nothing | columns
        to.add(pa.Table.from_arrays([arrays[field.name] for field in schema], schema=schema))


def _thumbnail(made: np.random.Generator) -> bytes:
    """A picture of about 4 kB, as thumbnails of photographs are."""
    coarse = made.integers(0, 255, (20, 20, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((160, 160), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()
