"""The peers as rivals, each by its name."""

from __future__ import annotations

from collections.abc import Callable

from .rows import Bound, Contender, Rival

_AHEAD = Bound("at_least", aim=1.0)


def against_captum(
    called: str, run: Callable[[], object], bound: Bound = _AHEAD, suffix: str = ""
) -> Rival:
    return Rival(Contender(f"Captum{suffix}", called, run), bound)


def against_grad_cam(called: str, run: Callable[[], object], bound: Bound = _AHEAD) -> Rival:
    return Rival(Contender("pytorch-grad-cam", called, run), bound)


def against_torchcam(called: str, run: Callable[[], object], bound: Bound = _AHEAD) -> Rival:
    return Rival(Contender("torchcam", called, run), bound)
