"""How much the browser has to fetch."""

from __future__ import annotations

import gzip

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.packaging


def test_the_whole_bundle_is_under_80_kilobytes_gzipped() -> None:
    parts = sorted((ROOT / "xcnn_widgets/static").iterdir())
    assert {"front_end.js", "loader.js"} <= {part.name for part in parts}
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 80_000
