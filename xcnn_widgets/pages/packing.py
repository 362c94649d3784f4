"""Bytes as a page holds them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from ..study import PARTS


def encoded(data: bytes) -> dict[str, Any]:
    """Bytes deflated where that makes them fewer; a browser can inflate by itself."""
    packer = zlib.compressobj(9, strategy=zlib.Z_FILTERED)
    fewer = packer.compress(data) + packer.flush()
    if len(fewer) < len(data):
        return {"data": fewer, "encoding": "deflate"}
    return {"data": data, "encoding": "raw"}


def decoded(part: Mapping[str, Any]) -> bytes:
    """The bytes that were encoded."""
    data: bytes = part["data"]
    return zlib.decompress(data) if part["encoding"] == "deflate" else data


def packed(state: Mapping[str, Any]) -> dict[str, Any]:
    """What of a map is smaller encoded: its grey levels, and what else it is painted with."""
    more = {
        name: {**state[name], **encoded(state[name]["data"])} for name in PARTS if name in state
    }
    return {**encoded(state["data"]), **more}


def unpacked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it was before."""
    more = {name: {**entry[name], "data": decoded(entry[name])} for name in PARTS if name in entry}
    return {"data": decoded(entry), **more}


def packed_bytes(entry: Mapping[str, Any]) -> int:
    """The bytes of a map or a picture with all its parts."""
    parts = (entry[name]["data"] for name in (*PARTS, "cam") if name in entry)
    return len(entry["data"]) + sum(map(len, parts))


def bytes_in_words(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"
