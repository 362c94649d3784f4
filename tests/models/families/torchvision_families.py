"""One model of each family of torchvision's classifiers, the smallest."""

from functools import partial

import torchvision.models

from ..zoo import picture_for
from .specimen import Specimen

_SMALLEST = (
    *(
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "efficientnet_v2_s",
        "googlenet",
    ),
    *("inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small"),
    *("regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5"),
    *("squeezenet1_1", "swin_t", "swin_v2_t", "vgg11", "vit_b_32", "wide_resnet50_2"),
)
# These have second heads for training, and say so unless they are told.
_BARE = {"googlenet": {"init_weights": False}, "inception_v3": {"init_weights": False}}


def _specimen(name: str) -> Specimen:
    make = partial(torchvision.models.get_model, name, weights=None, **_BARE.get(name, {}))
    height, width = picture_for(name).shape[2:]
    return Specimen("torchvision", name, name, make, (height, width))


TORCHVISION = tuple(map(_specimen, _SMALLEST))
