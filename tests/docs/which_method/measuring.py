"""What is measured of each method: on real networks and real photos, with the package's own metrics."""

from __future__ import annotations

import json
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import skimage.data
import sklearn.datasets
import torch
from PIL import Image
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets import metrics

STORED = Path(__file__).with_name("measured.json")
NETWORKS = ("lite0", "lite1")
REFERENCES = ("random", "sobel", "centre")
REMOVAL = ("deletion", "insertion", "road")
# How often a quick method is timed, each time beside a Grad-CAM.
_ROUNDS = 15

Stored = dict[str, Any]


def pictures() -> dict[str, Image.Image]:
    """The demo's photos, and three others that packages carry."""
    china, flower = sklearn.datasets.load_sample_images().images
    others = {"astronaut": skimage.data.astronaut(), "palace": china, "flower": flower}
    return xw.demo.photos() | {name: Image.fromarray(array) for name, array in others.items()}


def inputs_of(network: str, count: int | None = None) -> tuple[nn.Module, Tensor]:
    """A demo network, and the first pictures as its inputs ``(B, 3, H, W)``."""
    net = xw.demo.load(network)
    chosen = [*pictures().values()][:count]
    return net.model, torch.stack([net.transform(picture) for picture in chosen])


def measured(name: str) -> Stored:
    """All numbers of a method."""
    return {**passes(name), **sanity(name), **removal(lambda *on: _maps(name, *on))}


def passes(name: str) -> Stored:
    """What one answer costs on a photo: passes, processor time beside a Grad-CAM's; and the grid of its map."""
    model, inputs = inputs_of("lite0", 1)
    counts = {"forward": 0, "backward": 0}

    def went_back(gradient: Tensor) -> None:
        counts["backward"] += len(gradient)

    def went_through(_: nn.Module, __: Any, output: Tensor) -> None:
        counts["forward"] += len(output)
        if output.requires_grad:
            output.register_hook(went_back)

    layer = xw.default_layer(model, inputs)
    # Not the last layer: what a linear head passes back is looked up, without a backward pass.
    asked: dict[str, Any] = {"layer": "blocks.4"} if xw.METHODS[name].uses_layer else {}
    hook = model.register_forward_hook(went_through)
    try:
        xw.explain(model, inputs, name, **asked)
    finally:
        hook.remove()
    found = xw.explain(model, inputs, name, layer=layer)
    rounds = 1 if xw.METHODS[name].is_slow else _ROUNDS
    ratios = [_seconds(model, inputs, name) / _seconds(model, inputs) for _ in range(rounds)]
    return {**counts, "time": statistics.median(ratios), "grid": list(found.maps().shape[1:])}


def sanity(name: str) -> Stored:
    """How alike a method's map stays on the demo's photos when weights are random, and for another class."""
    model, inputs = inputs_of("lite0", len(xw.demo.photos()))
    found = metrics.randomisation(model, inputs, name, steps=2, **_quick(name))
    other = metrics.random_logit(model, inputs, name, **_quick(name))
    classifier, everything = found.rank_correlation.tolist()
    return {"classifier": classifier, "everything": everything, "other_class": other.tolist()}


def removal(maps_of: Callable[[nn.Module, Tensor], Tensor]) -> Stored:
    """What removing the hottest pixels of maps does: of each metric a list for each network, a number a photo."""
    found: dict[str, list[list[float]]] = {metric: [] for metric in REMOVAL}
    for network in NETWORKS:
        model, inputs = inputs_of(network)
        scored = metrics.Scored.of_model(model, inputs)
        maps = maps_of(model, inputs)
        found["deletion"].append(metrics.deletion_of(scored, maps).area.tolist())
        found["insertion"].append(metrics.insertion_of(scored, maps).area.tolist())
        found["road"].append(metrics.road_of(scored, maps).combined.tolist())
    return found


def reference(name: str) -> Stored:
    """The same of a map that knows nothing of the network."""
    draw = metrics.REFERENCE_MAPS[name]
    return removal(
        lambda _, inputs: torch.cat([draw(inputs[i : i + 1], i) for i in range(len(inputs))])
    )


def _maps(name: str, model: nn.Module, inputs: Tensor) -> Tensor:
    one_by_one = [
        xw.explain(model, inputs[i : i + 1], name, **_quick(name)).heatmaps()
        for i in range(len(inputs))
    ]
    return torch.cat([torch.from_numpy(heatmap) for heatmap in one_by_one])


def _quick(name: str) -> dict[str, Any]:
    """The faster way, for methods of many passes that offer it."""
    return {"exact": False} if "exact" in xw.METHODS[name].options else {}


def _seconds(model: nn.Module, inputs: Tensor, name: str = "grad_cam") -> float:
    """The processor time of one answer: it does not count what else the machine does."""
    before = time.process_time()
    xw.explain(model, inputs, name)
    return time.process_time() - before


def stored() -> Stored:
    """What was measured last."""
    found: Stored = json.loads(STORED.read_text(encoding="utf-8"))
    return found


def measure(names: list[str]) -> None:
    """Measure some methods and references, and store each when it is done."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    known = stored() if STORED.exists() else {"methods": {}, "references": {}}
    for kind, of in (("methods", measured), ("references", reference)):
        for name in xw.METHODS if kind == "methods" else REFERENCES:
            if names and name not in names:
                continue
            known[kind][name] = _rounded(of(name))
            known["pictures"] = [*pictures()]
            known["versions"] = {"xcnn-widgets": xw.__version__, "torch": torch.__version__}
            STORED.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
            print(name, flush=True)


def _rounded(value: Any) -> Any:
    """To four digits behind the point."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4)
