"""The table of methods."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .cam import eigen_cam, grad_cam, grad_cam_plus_plus, hires_cam, layer_cam, xgrad_cam
from .gradients import deconvnet, guided_backprop, guided_grad_cam, saliency
from .masking import ablation_cam, rise, score_cam
from .method import Method
from .occlusion import occlusion
from .paths import integrated_gradients, smooth_grad

# Options that every method with many passes takes.
_RUNS = ("batch_size", "exact", "progress", "cancelled")
_INSANE = (
    "Its map hardly changes when the network's weights are randomised (Adebayo et al., 2018, arXiv:1810.03292): it "
    "shows the picture's edges more than what was learned."
)
_RECOVERS = "recovers parts of the picture (Nie et al., 2018, arXiv:1805.07039)."

_OURS = {
    method.name: method
    for method in (
        Method(
            "grad_cam",
            "Grad-CAM",
            "cam",
            grad_cam,
            "Where the layer's channels that raise the class's score are active; coarse, and it tells classes apart.",
            "Selvaraju et al., 2017, arXiv:1610.02391",
            uses_layer=True,
        ),
        Method(
            "grad_cam_plus_plus",
            "Grad-CAM++",
            "cam",
            grad_cam_plus_plus,
            "As Grad-CAM, with more weight for small and repeated parts of the class; it assumes that the layer ends in a ReLU.",
            "Chattopadhay et al., 2018, arXiv:1710.11063",
            uses_layer=True,
        ),
        Method(
            "hires_cam",
            "HiResCAM",
            "cam",
            hires_cam,
            "As Grad-CAM, with each place weighted by its own gradient: at the last layer before pooling it is exactly what raised the score.",
            "Draelos and Carin, 2020, arXiv:2011.08891",
            uses_layer=True,
        ),
        Method(
            "layer_cam",
            "LayerCAM",
            "cam",
            layer_cam,
            "As HiResCAM, with only what speaks for the class: sharp also at early layers.",
            "Jiang et al., 2021, doi:10.1109/TIP.2021.3089943",
            uses_layer=True,
        ),
        Method(
            "xgrad_cam",
            "XGrad-CAM",
            "cam",
            xgrad_cam,
            "As Grad-CAM, with gradients weighted by activation, so that the weights keep the sum of the scores.",
            "Fu et al., 2020, arXiv:2008.02312",
            uses_layer=True,
        ),
        Method(
            "eigen_cam",
            "Eigen-CAM",
            "cam",
            eigen_cam,
            "Where the layer is active in its strongest pattern, whatever the class: it shows what is salient, not what speaks for an answer.",
            "Muhammad and Yeasin, 2020, arXiv:2008.00299",
            uses_layer=True,
            uses_gradient=False,
            is_class_discriminative=False,
        ),
        Method(
            "score_cam",
            "Score-CAM",
            "cam",
            score_cam,
            "As Grad-CAM, with each channel weighted by the score of the picture seen through it: no gradient, many forward passes.",
            "Wang et al., 2020, arXiv:1910.01279",
            cost="passes",
            uses_layer=True,
            uses_gradient=False,
            options=("channels", *_RUNS),
        ),
        Method(
            "ablation_cam",
            "Ablation-CAM",
            "cam",
            ablation_cam,
            "As Grad-CAM, with each channel weighted by how far the score falls without it: no gradient, many forward passes.",
            "Desai and Ramaswamy, 2020, doi:10.1109/WACV45572.2020.9093360",
            cost="passes",
            uses_layer=True,
            uses_gradient=False,
            options=("channels", "batch_size", "progress", "cancelled"),
        ),
        Method(
            "saliency",
            "Saliency",
            "gradient",
            saliency,
            "Which pixels would change the class's score most if they changed a little; noisy.",
            "Simonyan et al., 2014, arXiv:1312.6034",
            is_signed=True,
        ),
        Method(
            "guided_grad_cam",
            "Guided Grad-CAM",
            "gradient",
            guided_grad_cam,
            f"Guided backpropagation, seen through Grad-CAM. {_INSANE}",
            "Selvaraju et al., 2017, arXiv:1610.02391",
            uses_layer=True,
            uses_relus=True,
            is_signed=True,
        ),
        Method(
            "guided_backprop",
            "Guided backpropagation",
            "gradient",
            guided_backprop,
            f"Sharp, and nearly the same for every class. {_INSANE} In theory it {_RECOVERS}",
            "Springenberg et al., 2015, arXiv:1412.6806",
            uses_relus=True,
            is_signed=True,
            is_class_discriminative=False,
        ),
        Method(
            "deconvnet",
            "Deconvnet",
            "gradient",
            deconvnet,
            f"Nearly the same for every class: more than what was learned it shows edges, and {_RECOVERS}",
            "Zeiler and Fergus, 2014, arXiv:1311.2901",
            uses_relus=True,
            is_signed=True,
            is_class_discriminative=False,
        ),
        Method(
            "integrated_gradients",
            "Integrated gradients",
            "path",
            integrated_gradients,
            "How much each pixel adds to the score on the way from a baseline to the picture: the parts sum to the difference.",
            "Sundararajan et al., 2017, arXiv:1703.01365",
            cost="passes",
            is_signed=True,
            options=("steps", "baseline", "seed", *_RUNS),
        ),
        Method(
            "smooth_grad",
            "SmoothGrad",
            "path",
            smooth_grad,
            "The gradient's mean over noisy copies of the picture: less noise than saliency.",
            "Smilkov et al., 2017, arXiv:1706.03825",
            cost="passes",
            is_signed=True,
            options=("of", "samples", "noise", "seed", *_RUNS),
        ),
        Method(
            "occlusion",
            "Occlusion",
            "perturbation",
            occlusion,
            "How far the score falls when a place is covered: no gradient, many forward passes.",
            "Zeiler and Fergus, 2014, arXiv:1311.2901",
            cost="passes",
            uses_gradient=False,
            is_signed=True,
            options=("patch", "stride", "baseline", *_RUNS),
        ),
        Method(
            "rise",
            "RISE",
            "perturbation",
            rise,
            "The mean score of randomly masked pictures in which a place is seen: no gradient, many forward passes.",
            "Petsiuk et al., 2018, arXiv:1806.07421",
            cost="passes",
            uses_gradient=False,
            options=("masks", "grid", "shown", "seed", "so_far", *_RUNS),
        ),
    )
}

# What widgets offer unless they are given others: quick ones, and the one that asks the network itself.
OFFERED = (
    "grad_cam",
    "guided_grad_cam",
    "guided_backprop",
    "saliency",
    "deconvnet",
    "occlusion",
)

METHODS: Mapping[str, Method] = MappingProxyType(_OURS)
"""Our methods by their names."""

# What was made of other people's code, and then used.
_others: dict[str, Method] = {}


def known_methods() -> list[str]:
    """The names of our methods, then of those made of other people's code that were used."""
    return [*METHODS, *_others]


def method_named(method: str | Method) -> Method:
    """The method of a name; or a method made of other people's code, which from now on has its name.

    Raises
    ------
    ValueError
        If there is none, or if the name is that of one of ours.
    """
    if isinstance(method, Method):
        known = METHODS.get(method.name)
        if known is not None and known is not method:
            raise ValueError(f"{method.name!r} is the name of {known.label}; choose another name")
        if known is None:
            _others[method.name] = method
        return method
    found = METHODS.get(method) or _others.get(method)
    if found is None:
        raise ValueError(f"no method {method!r}; there are {', '.join(map(repr, known_methods()))}")
    return found
