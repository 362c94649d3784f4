"""Overlays of a data set's pictures as files, with a table beside them; no file that is there is written over."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import torch
from PIL import Image

from ..imaging import PaintLook, painted_by_heat
from ..methods import heatmaps
from ..study import FreeNames
from .cuts import ground_of
from .maps import map_of, method_of, parts_of
from .progress import told
from .question import Question
from .rows import rows_of

if TYPE_CHECKING:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

Form = Literal["png", "jpeg"]
_ENDINGS: dict[Form, str] = {"png": ".png", "jpeg": ".jpg"}
# Of a JPEG: no edge of a heatmap is seen to fray.
_QUALITY = 90
# What a name must not hold on one system or another.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
# Most file systems take names of up to 255 bytes.
_LONGEST_NAME = 150


def save_pictures(
    dataset: ds.Dataset,
    question: Question,
    folder: Path,
    *,
    method: str | None,
    where: pc.Expression | None,
    form: Form,
    look: PaintLook,
    side: int,
    progress: bool | Callable[[int, int], None],
) -> Path:
    """Paint the map of each row over its picture; as `Results.save_pictures`."""
    method = method_of(method, question)
    if form not in get_args(Form):
        raise ValueError(f"form is {form!r}; expected {' or '.join(map(repr, get_args(Form)))}")
    # A look that cannot be painted is refused before anything is written.
    painted_by_heat(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.float32), look)
    folder.mkdir(parents=True, exist_ok=True)
    names = FreeNames(folder)
    said = ("index", "name", "label", "prediction", question.said, "right")
    columns = [*said, "error", "key", "source", "thumbnail", *parts_of(method)]
    listed = folder / f"{names.free('pictures', ['.csv'])}.csv"
    total = dataset.count_rows(filter=where)
    with (
        listed.open("x", newline="", encoding="utf-8") as file,
        told(progress, total, 0) as done,
    ):
        table = csv.DictWriter(file, [*said, "file", "over", "error"], restval="")
        table.writeheader()
        for row in rows_of(dataset, columns, where):
            line = {name: row[name] for name in said} | {"error": row["error"]}
            if row[f"{method}_map"] is not None:
                made, over = _drawn(row, method, question, look, form=form, side=side)
                name = f"{names.free(_stem(row), [_ENDINGS[form]])}{_ENDINGS[form]}"
                with (folder / name).open("xb") as picture:
                    picture.write(made)
                line |= {"file": name, "over": over}
            table.writerow(line)
            # Whoever interrupts it finds a line for each picture that is there.
            file.flush()
            done(1)
    return listed


def _drawn(
    row: Mapping[str, Any],
    method: str,
    question: Question,
    look: PaintLook,
    *,
    form: Form,
    side: int,
) -> tuple[bytes, str]:
    """The overlay as a file's bytes, and what it lies over."""
    values = map_of(row, method, question)
    if values.ndim != 2:
        raise ValueError(
            f"the map of {row['key']!r} has the shape {values.shape}; only maps of pictures (h, w) are painted"
        )
    ground = ground_of(row)
    picture = ground.cut
    picture.thumbnail((side, side))
    heat = heatmaps(torch.from_numpy(values).unsqueeze(0), (picture.height, picture.width))[0]
    painted = painted_by_heat(np.asarray(picture), heat.numpy(), look).covering
    encoded = io.BytesIO()
    Image.fromarray(painted).save(encoded, form.upper(), quality=_QUALITY)
    return encoded.getvalue(), ground.told


def _stem(row: Mapping[str, Any]) -> str:
    """The picture's name without its ending, as far as file systems take it: ``cat-3`` of ``cat/3.png``."""
    name = row["name"]
    # A name such as 'v1.0' of a dict has no ending.
    is_file = Path(row["source"]).as_posix().endswith(name)
    stem = str(Path(name).with_suffix("")) if is_file and name else name
    kept = _REFUSED.sub("-", stem).encode()[:_LONGEST_NAME].decode(errors="ignore")
    return kept.strip(" .") or "picture"
