"""What a `Work` is made of, so that other processes, and other machines, make one like it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pickle import HIGHEST_PROTOCOL
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..imaging import Pictures
from ..study import Exploration, Work


@dataclass(frozen=True)
class Setup:
    """A model with pictures, as a person gave them.

    Attributes
    ----------
    model, images
        As `Exploration` takes them.
    labels, batch_size, exact
        As `Work` takes them.
    options
        More for `Exploration`.
    """

    model: Any
    images: Any
    labels: Any
    batch_size: int | None
    exact: bool
    options: Mapping[str, Any]

    def work(self, device: str | torch.device | None) -> Work:
        """A work of its own, whose model is moved to a device, or stays where it is."""
        exploration = Exploration(
            self.model, self.images, device=device, exact=self.exact, **self.options
        )
        return Work(exploration, self.labels, self.batch_size, exact=self.exact)

    def with_pictures(self, pictures: Pictures) -> Setup:
        """The same with pictures that were found already: each keeps its index, whatever becomes of the folder."""
        return replace(self, images=pictures)

    def packed(self, pickler: ModuleType) -> NDArray[np.uint8]:
        """All of it as bytes.

        Parameters
        ----------
        pickler
            A module like ``pickle``, such as ``cloudpickle``, which also takes what a notebook defines.
        """
        buffer = io.BytesIO()
        torch.save(self, buffer, pickle_module=pickler, pickle_protocol=HIGHEST_PROTOCOL)
        return np.frombuffer(buffer.getbuffer(), np.uint8)

    @staticmethod
    def unpacked(packed: NDArray[np.uint8]) -> Setup:
        """What was packed, with all tensors on the processor, wherever they came from."""
        # Our own driver made it.
        found: Setup = torch.load(io.BytesIO(packed.data), map_location="cpu", weights_only=False)
        return found
