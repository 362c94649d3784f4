"""How cost grows with work: the slope of a straight line through both logarithms, 1 for linear and 0 for flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from math import log
from statistics import linear_regression, median, quantiles
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

import xcnn_widgets as xw
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from .networks import TINY, Network
from .rows import Bound, Row
from .timing import Effort, interleaved

_ROWS_A_PAGE = 4
# Above 1 by what a processor's caches do to large pictures, above 0 by what a clock does to equal times.
_LINEAR, _FLAT = 1.1, 0.05


def growth(network: Network, effort: Effort) -> Iterator[Row]:
    """Cost against the pixels of a picture, layers shown, the gallery's length, and pages looked at."""
    tiny = network.name == TINY
    sides = (32, 64) if tiny else (128, 224, 448, 896)
    lengths = (10, 100) if tiny else (10**2, 10**3, 10**4, 10**5)
    pages = (1, 2) if tiny else (1, 2, 4)
    yield _row(
        "10 growth with pixels, cold Grad-CAM",
        network,
        {side**2: _cold(network, side) for side in sides},
        effort,
        Bound("at_most", aim=_LINEAR),
        "explain(model, inputs, 'grad_cam')",
    )
    yield _row(
        "10 growth with layers, Grad-CAM of a class",
        network,
        _layers(network),
        effort,
        Bound("at_most", aim=_LINEAR),
        "explain_pass for the first layer and for others",
    )
    yield _row(
        "10 growth with the gallery's length, first page",
        network,
        {length: _gallery(network, length, 1) for length in lengths},
        effort,
        Bound("at_most", aim=_FLAT),
        f"GalleryWidget, {_ROWS_A_PAGE} rows a page, wait",
    )
    yield _row(
        "10 growth with pages looked at",
        network,
        {number: _gallery(network, 100, number) for number in pages},
        effort,
        Bound("at_most", aim=_LINEAR),
        "GalleryWidget, page = ..., wait for each",
    )


def slope(work: Mapping[int, float]) -> float:
    """The power of the work with which the cost grows, from work to cost."""
    return linear_regression(
        [log(amount) for amount in work], [log(cost) for cost in work.values()]
    ).slope


def _row(
    question: str,
    network: Network,
    calls: Mapping[int, Callable[[], object]],
    effort: Effort,
    bound: Bound,
    called: str,
) -> Row:
    samples = interleaved({str(amount): call for amount, call in calls.items()}, effort)
    costs = {int(amount): seconds for amount, seconds in samples.items()}
    typical = {amount: median(seconds) for amount, seconds in costs.items()}
    rounds = [
        slope(dict(zip(costs, one_round, strict=True)))
        for one_round in zip(*costs.values(), strict=True)
    ]
    low, _, high = quantiles(rounds, n=4, method="inclusive") if len(rounds) > 1 else rounds * 3
    least, most = min(calls), max(calls)
    found = slope(typical)
    return Row(
        question=question,
        network=network.name,
        rival=f"{least}..{most}",
        ratio=found,
        low=low,
        high=high,
        side=bound.side,
        must=bound.must,
        aim=bound.aim,
        met=bound.keeps(found, bound.must),
        reached=bound.keeps(found, bound.aim),
        ours=typical[most] * 1e3,
        theirs=typical[least] * 1e3,
        unit="ms",
        ours_called=called,
        rival_called=f"{called}: slope; ours at the most, theirs at the least",
        samples=len(rounds),
        details={f"{amount}:": cost * 1e3 for amount, cost in typical.items()},
    )


def _cold(network: Network, side: int) -> Callable[[], object]:
    inputs = network.noise(1, side, seed=0)
    return lambda: xw.explain(network.model, inputs, target=3)


def _layers(network: Network) -> dict[int, Callable[[], object]]:
    """The first layer alone, so that all go back equally far, and with others up to all."""
    layers = network.layers
    forward = xw.ForwardPass(network.model, network.inputs, layers)
    numbers = sorted({1, 2, len(layers) // 2, len(layers)})
    classes = forward.logits.shape[1]
    fresh = (index % classes for index in count())
    return {number: _at(forward, layers[:number], fresh) for number in numbers if number}


def _at(forward: xw.ForwardPass, layers: list[str], fresh: Iterator[int]) -> Callable[[], object]:
    def ask() -> None:
        target = next(fresh)
        for layer in layers:
            xw.explain_pass(forward, "grad_cam", target, layer)

    return ask


class _Pictures(Dataset[tuple[Tensor, int]]):
    """As many pictures as one likes, each drawn when it is asked for."""

    def __init__(self, length: int, side: int) -> None:
        self._length, self._side = length, side

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        generator = torch.Generator().manual_seed(index)
        return torch.rand(3, self._side, self._side, generator=generator), index % 4


def _gallery(network: Network, length: int, pages: int) -> Callable[[], object]:
    pictures = _Pictures(length, network.side)

    def look() -> None:
        gallery = GalleryWidget(
            network.model, pictures, transform=_as_it_is, page_size=_ROWS_A_PAGE
        )
        for page in range(pages):
            gallery.page = page
            gallery.wait()
        gallery.close()

    return look


def _as_it_is(picture: Any) -> Tensor:
    from torchvision.transforms.functional import pil_to_tensor

    pixels: Tensor = pil_to_tensor(picture)
    return pixels.float() / 255
