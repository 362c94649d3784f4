"""What we expect of a ratio on two threads of a processor; `make bench` measures these, `make bench-full` all."""

from __future__ import annotations

from collections.abc import Mapping

_AT_ONCE = (4, 16)
_BY_PASSES = {
    "score-cam": "pytorch-grad-cam",
    "ablation-cam": "pytorch-grad-cam",
    "integrated-gradients": "Captum",
    "smooth-grad": "Captum",
}
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
    ("five-cams", "one Grad-CAM"): dict.fromkeys(("resnet50", "demo"), 1.1),
    # Also at the peers' best number at once.
    **{
        (question, f"bare torch, {size} at once"): {"resnet50": 1.1}
        for question in _BY_PASSES
        for size in _AT_ONCE
    },
    **{
        (question, f"{peer}, {size} at once"): {"resnet50": 1.5}
        for question, peer in _BY_PASSES.items()
        for size in _AT_ONCE
    },
    ("road", "pytorch-grad-cam"): dict.fromkeys(("resnet50", "demo"), 8.0),
    ("deletion", "Quantus"): dict.fromkeys(("resnet50", "demo"), 3.0),
    ("memory cold", "bare torch"): {"resnet18": 1.1},
    ("data-sets", "bare torch"): {"resnet18": 1.25},
    ("data-sets growth", "its first half"): {"resnet18": 1.05},
    ("data-sets memory", "300 MB"): {"resnet18": 1.0},
    ("data-sets page", "that of few rows"): {"resnet18": 1.5},
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
