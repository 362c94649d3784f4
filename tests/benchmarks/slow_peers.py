"""The peers' methods and metrics of many passes, each with the number of inputs at once that is asked for."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import quantus as quantus_library
from captum.attr import IntegratedGradients, NoiseTunnel, Saliency
from pytorch_grad_cam import AblationCAM, ScoreCAM
from pytorch_grad_cam.metrics.road import ROADCombined
from pytorch_grad_cam.utils.model_targets import (
    ClassifierOutputSoftmaxTarget,
    ClassifierOutputTarget,
)
from torch import Tensor

from .networks import Network

# It tells types of its own modules only.
quantus: Any = quantus_library


class CamsByPasses:
    """pytorch-grad-cam's Score-CAM and Ablation-CAM at one layer."""

    def __init__(self, network: Network, layer: str) -> None:
        model = network.plain_copy()
        self._score = ScoreCAM(model, [model.get_submodule(layer)])
        # It exchanges the layer, and leaves its hooks on it.
        model = network.plain_copy()
        self._ablation = AblationCAM(model, [model.get_submodule(layer)])

    def score_cam(self, inputs: Tensor, target: int, at_once: int) -> Any:
        return self._asked(self._score, inputs, target, at_once)

    def ablation_cam(self, inputs: Tensor, target: int, at_once: int) -> Any:
        return self._asked(self._ablation, inputs, target, at_once)

    def _asked(self, cam: Any, inputs: Tensor, target: int, at_once: int) -> Any:
        cam.batch_size = at_once
        with _no_bars():
            return cam(inputs, [ClassifierOutputTarget(target)] * len(inputs))


class CaptumByPasses:
    """Captum's integrated gradients and SmoothGrad."""

    def __init__(self, network: Network) -> None:
        model = network.plain_copy()
        self._path = IntegratedGradients(model)
        self._noise = NoiseTunnel(Saliency(model))

    def integrated_gradients(self, inputs: Tensor, target: int, steps: int, at_once: int) -> Any:
        return self._path.attribute(
            inputs, target=target, n_steps=steps, internal_batch_size=at_once
        )

    def smooth_grad(self, inputs: Tensor, target: int, samples: int, at_once: int) -> Any:
        return self._noise.attribute(
            inputs,
            nt_type="smoothgrad",
            nt_samples=samples,
            nt_samples_batch_size=at_once,
            stdevs=0.15,
            target=target,
            abs=False,
        )


def road_combined(network: Network, inputs: Tensor, maps: Tensor, target: int) -> Any:
    """pytorch-grad-cam's, of probabilities, at its own percentiles."""
    targets = [ClassifierOutputSoftmaxTarget(target)] * len(inputs)
    return ROADCombined()(inputs, maps.numpy(), targets, network.model)


def pixel_flipping(network: Network, inputs: Tensor, maps: Tensor, target: int, steps: int) -> Any:
    """Quantus' pixel flipping, in so many steps; what is flipped gets the mean colour, as deletion's."""
    asked = quantus.PixelFlipping(
        features_in_step=inputs[0].numel() // steps,
        normalise=False,
        perturb_baseline="mean",
        disable_warnings=True,
    )
    return asked(
        model=network.model,
        x_batch=inputs.numpy(),
        y_batch=np.full(len(inputs), target),
        a_batch=maps.unsqueeze(1).numpy(),
    )


@contextlib.contextmanager
def _no_bars() -> Iterator[None]:
    """Without bars of progress, which it draws whoever calls."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield
