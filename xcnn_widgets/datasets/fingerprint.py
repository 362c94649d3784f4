"""What tells two models apart: all of their weights, in 32 letters."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

import torch
from torch import nn


def model_fingerprint(model: nn.Module) -> str:
    """A digest of the names, types, shapes and values of everything in a model's ``state_dict``.

    Two copies of a model have the same one, on whatever device; one more training step gives another.

    Examples
    --------
    >>> one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    >>> _ = other.load_state_dict(one.state_dict())
    >>> model_fingerprint(one) == model_fingerprint(other)
    True
    """
    digest = blake2b(type(model).__qualname__.encode(), digest_size=16)
    for name, value in model.state_dict().items():
        if not isinstance(value, torch.Tensor):
            digest.update(f"{name} {value!r}".encode())
            continue
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        whole = value.detach().to("cpu").contiguous()
        # Bytes are the one type that every other can be seen as, also bfloat16; a scalar has no last side.
        digest.update(whole.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def in_short(value: Any) -> str:
    """How a transform or another object writes itself, without where it lies in memory."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
