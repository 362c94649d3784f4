"""Torchvision's classifiers with random weights, built in a moment."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import torchvision.models
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

# Over 500 million parameters each.
TOO_LARGE = {"regnet_y_128gf", "vit_h_14"}
CLASSIFIERS = [
    name
    for name in torchvision.models.list_models(module=torchvision.models)
    if name not in TOO_LARGE
]


def classifier(name: str, seed: int = 0) -> nn.Module:
    """A classifier in evaluation mode whose every weight matters, the head's too."""
    with SkipRandom(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model: nn.Module = torchvision.models.get_model(name, weights=None)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                bound = (6 / parameter[0].numel()) ** 0.5
                parameter.uniform_(-bound, bound, generator=generator)
            elif parameter.unique().numel() != 1 or parameter[0] == 0:
                parameter.uniform_(-0.05, 0.05, generator=generator)
    return model.eval().requires_grad_(False)


def picture_for(name: str, samples: int = 1) -> Tensor:
    """Inputs that the architecture allows: small, and not square where that may be."""
    height, width = next(
        (size for start, size in _SIZES.items() if name.startswith(start)), (64, 96)
    )
    generator = torch.Generator().manual_seed(7)
    return torch.randn(samples, 3, height, width, generator=generator)


_SIZES = {
    "vit": (224, 224),
    "maxvit": (224, 224),
    "inception": (96, 128),
    "alexnet": (80, 112),
    "squeezenet": (80, 112),
    "densenet": (64, 96),
}


class SkipRandom(TorchFunctionMode):
    """Leaves out the random initialisation, which takes most of the time of building a model."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func in (Tensor.uniform_, Tensor.normal_):
            return args[0].zero_()
        return func(*args, **(kwargs or {}))


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that two ways to the same number can be compared."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
