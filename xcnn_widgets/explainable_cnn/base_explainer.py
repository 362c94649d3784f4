"""BaseExplainer: a model on its device, and the names of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import SupportsIndex

import torch
from torch import nn

from ..imaging import ClassNames
from .arguments import Label, as_integer, label_index


class BaseExplainer:
    """What the explainers of ``explainable_cnn`` 1.0 share: a model, its device, its classes.

    Parameters
    ----------
    model
        It is moved to `device`; its training flags stay as they are.
    device
        The name of a torch device, such as ``cpu`` or ``cuda:0``.

    Attributes
    ----------
    model
        The model itself.
    device
        The ``torch.device``.
    class_map, reverse_class_map
        From class index to name, and from name to index. Of classes with the same name
        `reverse_class_map` holds the last. Both are empty where no classes are known.

    Raises
    ------
    ValueError
        If the model is no ``nn.Module`` or the device no string.
    RuntimeError
        If there is no such device here.

    Examples
    --------
    >>> explainer = BaseExplainer(nn.Linear(2, 2))
    >>> explainer.device, explainer.class_map
    (device(type='cpu'), {})
    """

    def __init__(self, model: nn.Module, device: str = "cpu") -> None:
        if not isinstance(model, nn.Module):
            # explainable-cnn raises ValueError here, and callers catch that.
            raise ValueError(  # noqa: TRY004
                f"model is a {type(model).__name__}; expected a torch.nn.Module"
            )
        if not isinstance(device, str):
            raise ValueError(  # noqa: TRY004
                f"device {device!r} is a {type(device).__name__}; expected a str: str(device)"
            )
        self.device = self.get_device(device)
        self.model = _moved(model, self.device)
        self._name_classes(ClassNames())

    def _name_classes(self, class_names: ClassNames) -> None:
        self.class_names = class_names
        self.class_map = dict(class_names.by_index)
        self.reverse_class_map = self.get_reverse_class_map(self.class_map)

    def get_label_name_from_index(self, index: SupportsIndex) -> str:
        """Return the name of a class.

        Raises
        ------
        ValueError
            If the index is no integer, or no class has it.
        """
        number = as_integer(index)
        if number is None:
            raise ValueError(
                f"index {index!r:.80} is a {type(index).__name__}; expected an int, a class index"
            )
        return self.get_label_information(number)[1]

    def get_label_index_from_name(self, name: str) -> int:
        """Return the index of a class.

        Raises
        ------
        ValueError
            If the name is no string, or no class or more than one has it.
        """
        if not isinstance(name, str):
            raise ValueError(  # noqa: TRY004
                f"name {name!r:.80} is a {type(name).__name__}; expected a str, a class name"
            )
        return self.get_label_information(name)[0]

    def get_label_information(self, label: Label) -> tuple[int, str]:
        """Return index and name of a class, asked for by either.

        Raises
        ------
        TypeError
            If the label is neither index nor name.
        ValueError
            If no class has it, or if several classes have this name.
        """
        index = label_index(label, self.class_names)
        return index, self.class_names.name(index)

    @staticmethod
    def get_device(device: str) -> torch.device:
        """Return the torch device of a name.

        Raises
        ------
        RuntimeError
            If torch knows no such device.
        """
        try:
            return torch.device(device)
        except RuntimeError as cause:
            raise RuntimeError(
                f"there is no device '{device}'; expected a torch device: 'cpu', 'cuda:0' or 'mps'"
            ) from cause

    @staticmethod
    def get_reverse_class_map(class_map: Mapping[int, str]) -> dict[str, int]:
        """Turn a mapping from index to name round; of the same names the last one counts."""
        return {name: index for index, name in class_map.items()}

    @staticmethod
    def get_unique_layers(layer_names: Sequence[str]) -> list[str]:
        """Return each layer once, in the order in which they came first."""
        return list(dict.fromkeys(layer_names))


def _moved(model: nn.Module, device: torch.device) -> nn.Module:
    try:
        return model.to(device)
    # A build of torch without CUDA raises AssertionError.
    except (RuntimeError, AssertionError, NotImplementedError) as cause:
        raise RuntimeError(
            f"the model cannot be moved to '{device}' ({cause}); 'cpu' always works"
        ) from cause
