"""Bytes as a page holds them."""

from __future__ import annotations

import zlib
from typing import Any


def encoded(data: bytes) -> dict[str, Any]:
    """Bytes deflated where that makes them fewer; a browser can inflate by itself."""
    packer = zlib.compressobj(9, strategy=zlib.Z_FILTERED)
    packed = packer.compress(data) + packer.flush()
    if len(packed) < len(data):
        return {"data": packed, "encoding": "deflate"}
    return {"data": data, "encoding": "raw"}


def decoded(packed: dict[str, Any]) -> bytes:
    """The bytes that were encoded."""
    data: bytes = packed["data"]
    return zlib.decompress(data) if packed["encoding"] == "deflate" else data


def bytes_in_words(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"
