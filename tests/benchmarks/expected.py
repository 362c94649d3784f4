"""What we expect of a ratio on two threads of a processor; `make bench` measures these, `make bench-full` all."""

from __future__ import annotations

from collections.abc import Mapping

_FIVE = ("resnet18", "resnet50", "densenet121", "efficientnet_b0", "demo")

# By question and rival, for each network: at most so much of a limit, at least so many times as fast as a peer.
_EXPECTED: Mapping[tuple[str, str], Mapping[str, float]] = {
    ("cold", "bare torch"): dict.fromkeys(_FIVE, 1.15),
    # No slower than the best of them by more than a tenth.
    ("cold", "Captum"): dict.fromkeys(_FIVE, 0.9),
    ("cold", "pytorch-grad-cam"): dict.fromkeys(_FIVE, 0.9),
    ("cold", "torchcam"): dict.fromkeys(_FIVE, 0.9),
    ("class", "Captum"): dict.fromkeys(_FIVE, 50.0) | {"vgg16": 10.0},
    ("class", "pytorch-grad-cam"): dict.fromkeys(_FIVE, 50.0) | {"vgg16": 10.0},
    ("class", "torchcam"): dict.fromkeys(_FIVE, 50.0) | {"vgg16": 10.0},
    ("session", "Captum"): dict.fromkeys(_FIVE, 8.0),
    ("session", "bare torch"): dict.fromkeys(_FIVE, 1.2),
    ("batch", "Captum"): {"resnet18": 2.0, "resnet50": 3.0},
    ("batch", "bare torch"): {"resnet50": 0.8, "mobilenet_v2": 0.8, "demo": 0.8},
    ("memory cold", "bare torch"): {"resnet18": 1.1},
    ("screen class, known", "empty slider + 60 ms"): {"demo": 1.0},
    ("screen layer, known", "empty slider + 60 ms"): {"demo": 1.0},
    ("screen method, known", "empty slider + 60 ms"): {"demo": 1.0},
    ("screen drag", "16 ms"): {"demo": 1.0},
}


def expected(question: str, rival: str, network: str) -> float | None:
    """The limit of a ratio; None where nothing is expected."""
    return _EXPECTED.get((question, rival), {}).get(network)


def is_expected(question: str, network: str) -> bool:
    """Whether something is expected of a question, or of a part of it, as of ``memory cold`` of ``memory``."""
    return any(
        asked.split()[0] == question and network in limits
        for (asked, _), limits in _EXPECTED.items()
    )
