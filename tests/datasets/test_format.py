"""What docs/format-of-results.md says of files and columns is true, and its code runs."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xcnn_widgets import Results, explain_dataset

from .conftest import NAMES, ColourNet, to_tensor

PAGE = (Path(__file__).parents[2] / "docs" / "format-of-results.md").read_text(encoding="utf-8")


@pytest.fixture
def results(model: ColourNet, folder: Path, tmp_path: Path) -> Results:
    """Everything that can be asked for, in a folder called ``results``."""
    return explain_dataset(
        model,
        folder,
        tmp_path / "results",
        methods=["grad_cam", "saliency"],
        metrics=["deletion"],
        logits=True,
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
        workers=0,
    )


def described(title: str) -> dict[str, str]:
    """The rows of the first table below a title: each name in code, with what stands in the second column."""
    (rows,) = re.findall(rf"## {title}\n.*?\n((?:\|[^\n]*\n)+)", PAGE, flags=re.DOTALL)
    cells = [line.strip("| \n").split(" | ") for line in rows.splitlines()[2:]]
    return {name: row[1].strip() for row in cells for name in re.findall(r"`(.+?)`", row[0])}


TYPES = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "string": pa.string(),
    "float": pa.float32(),
    "bool": pa.bool_(),
    "binary": pa.binary(),
    "list of int32": pa.list_(pa.int32()),
    "list of float": pa.list_(pa.float32()),
}


def test_every_column_is_described_with_its_type(results: Results) -> None:
    told = described("Rows")
    schema = results.dataset.schema
    lists = {"top_names": pa.list_(pa.string()), "top_values": pa.list_(pa.float32())}
    lists["top_indices"] = pa.list_(pa.int32())
    for field in schema:
        name = field.name.replace("saliency", "grad_cam")
        assert name in told, name
        assert field.type == (lists.get(name) or TYPES[told[name]]), name
    assert set(told) <= {*schema.names, "value"}


def test_its_code_runs_and_says_the_same_as_we_do(results: Results) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    with chdir(Path(results.path).parent):
        for block in blocks:
            exec(compile(block, "format-of-results.md", "exec"), names)
    assert len(blocks) >= 6
    assert len(names["table"]) == len(names["frame"]) == 13
    assert np.allclose(names["grad_cam"], results.map(names["row"]["key"], "grad_cam"), atol=1e-6)
    assert names["accuracy"].filter(names["pl"].col("label") == "blue").rows() == [("blue", 1.0, 4)]
    assert len(names["unsure"]) == 10
    assert names["thumbnail"].size == (28, 20)
    assert sum(count for _, count, _ in names["of_groups"]) == 12


def test_every_file_and_every_key_is_described(results: Results) -> None:
    results.cluster(n=2)
    folder = Path(results.path)
    assert {path.name for path in folder.iterdir()} == {
        ".lock",
        "question.json",
        "groups.json",
        "groups.parquet",
        "part-00000000-00000000.parquet",
    }
    told = json.loads((folder / "groups.json").read_text())
    tables = re.findall(r"\| key \| meaning \|\n\| --- \| --- \|\n((?:\|[^\n]*\n)+)", PAGE)
    keys, of_group = (
        {
            name
            for line in table.splitlines()
            for name in re.findall(r"`(\w+)`", line.split(" | ")[0])
        }
        for table in tables
    )
    assert keys == set(told)
    assert of_group == set(told["groups"][0])
    question = json.loads((folder / "question.json").read_text())
    section = PAGE.split("## The question")[1]
    for name in (*question, *question["asked"]):
        assert f"`{name}`" in section, name
    (part,) = folder.glob("part-*.parquet")
    assert pq.read_metadata(part).metadata[b"xcnn_widgets.format"] == b"1"
    assert "It is 1." in PAGE
