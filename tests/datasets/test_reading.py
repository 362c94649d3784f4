"""Other libraries read what is written, without us."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from xcnn_widgets import Results, explain_dataset

from .conftest import NAMES, ColourNet, to_tensor


@pytest.fixture
def results(model: ColourNet, folder: Path, tmp_path: Path) -> Results:
    return explain_dataset(
        model,
        folder,
        tmp_path / "results",
        methods=["grad_cam", "saliency"],
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
    )


def test_pandas_reads_it(results: Results) -> None:
    files = sorted(Path(results.path).glob("*.parquet"))
    table = pd.concat(pd.read_parquet(file) for file in files).set_index("key")
    row: Any = table.loc["green/2.png"]
    levels = np.frombuffer(row["grad_cam_map"], np.uint8).reshape(row["grad_cam_shape"])
    low, high = row["grad_cam_low"], row["grad_cam_high"]
    expected = results.map("green/2.png", "grad_cam")
    assert np.allclose(low + levels / 255 * (high - low), expected, atol=1e-6)
    assert list(table["prediction"].dropna()) == list(table["label"].dropna())


def test_results_are_found_after_a_change_of_folder(results: Results, tmp_path: Path) -> None:
    with chdir(Path(results.path).parent):
        near = Results(Path(results.path).name)
    with chdir(tmp_path.parent):
        assert near.to_dataframe().equals(results.to_dataframe())
        assert len(near.to_dataframe()) == len(results) > 0


def test_polars_reads_it(results: Results) -> None:
    table = pl.read_parquet(f"{results.path}/*.parquet")
    found = table.filter(pl.col("error") == "").group_by("prediction").len().sort("prediction")
    assert found.rows() == [("blue", 4), ("green", 4), ("red", 4)]


def test_duckdb_reads_it(results: Results) -> None:
    query = f"""
        select key, top_names[1], octet_length(grad_cam_map) from '{results.path}/*.parquet'
        where "right" order by disagreement desc limit 2
    """
    rows = duckdb.sql(query).fetchall()
    assert len(rows) == 2
    assert all(name == key.split("/")[0] and size > 1 for key, name, size in rows)


def test_files_are_compressed_and_tell_their_format(results: Results) -> None:
    (file,) = Path(results.path).glob("*.parquet")
    told = pq.read_metadata(file)
    assert told.row_group(0).column(0).compression == "ZSTD"
    assert told.metadata[b"xcnn_widgets.format"] == b"1"
