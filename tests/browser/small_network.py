"""What the tests' kernel knows before any cell runs: a small network, pictures, what Python would paint."""

PREPARE = r"""
import io, threading
from collections import OrderedDict
from pathlib import Path
import ipywidgets
import numpy as np
import torch
from PIL import Image
from torch import nn
from torchvision.transforms import ToTensor
import xcnn_widgets as xw

torch.set_num_threads(1)
torch.manual_seed(7)
HTML = "<img src=x onerror=alert(1)>"
NAMES = [f"class {name}" for name in "abcdefgh"] + [HTML, "zebra", "zebra crossing"]

def small_model(stages=8):
    channels = [3, *range(8, 8 + 4 * stages, 4)]
    blocks = OrderedDict()
    for i, (before, after) in enumerate(zip(channels, channels[1:])):
        layers = [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        if i in (2, 4, 6):
            layers.append(nn.MaxPool2d(2))
        blocks[f"stage{i}"] = nn.Sequential(*layers)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels[-1], len(NAMES)))
    model = nn.Sequential(OrderedDict(**blocks, head=head))
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=6.0)
    return model.eval()

def scene(seed, height=72, width=104):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.zeros((height, width, 3))
    for _ in range(5):
        cy, cx, r = random.uniform(0, height), random.uniform(0, width), random.uniform(8, 26)
        picture[(y - cy) ** 2 + (x - cx) ** 2 < r * r] = random.uniform(40, 255, 3)
    return (picture + random.uniform(0, 25, picture.shape)).clip(0, 255).astype(np.uint8)

MODEL = small_model()
LAYERS = [f"stage{i}" for i in range(8)]
PICTURES = {name: scene(i) for i, name in enumerate(["ant", "bee", "cow"])}

def explorer(images=PICTURES, model=MODEL, **choices):
    opening = {"layers": LAYERS, "layer": "stage7", "colormap": "viridis", "opacity": 0.5}
    return xw.ExplainerWidget(model, images, NAMES, transform=ToTensor(), **{**opening, **choices})
"""

EXPECTED = r"""
import base64, io
import numpy as np
from PIL import Image
from xcnn_widgets.imaging import PaintLook
from xcnn_widgets.study import Paint
from xcnn_widgets.study.painting import painted_map

def shown_picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget._picture["data"])).convert("RGB"))

def painted(
    widget, display="overlay", opacity=0.5, threshold=0.0, colormap="viridis", wipe=1.0, blend="by heat"
):
    picture, sent = shown_picture(widget), widget.shown.map
    way = Paint.on(widget.exploration, widget.image_index, widget.painted)
    look = PaintLook(opacity, colormap, threshold, blend)
    made = painted_map(picture, widget.heatmap, sent, way.drawn_of(sent["method"], sent), look)
    shown = {"picture": picture, "heatmap": made.alone}.get(display, made.covering).copy()
    if display == "overlay":
        edge = round(wipe * picture.shape[1])
        shown[:, edge:] = picture[:, edge:]
    out = io.BytesIO()
    Image.fromarray(shown).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
"""
