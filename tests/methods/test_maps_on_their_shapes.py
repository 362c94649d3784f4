"""Maps lie where they should: of a segmenter that is trained here, and of a trained face detector."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from facenet_pytorch.models.utils.detect_face import detect_face
from numpy.typing import NDArray
from skimage import data
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, cross_entropy, interpolate

import xcnn_widgets as xw

GROUND, BAR, DISC = range(3)
HEIGHT, WIDTH = 32, 48


def shapes(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A picture ``(3, H, W)`` with a bright bar in one half and a bright disc in the other, and the class of each pixel."""
    rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")

    def somewhere(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=generator))

    is_left = bool(somewhere(0, 2))
    middles = (somewhere(8, 16), somewhere(32, 40))
    bar, disc = middles if is_left else middles[::-1]
    height = somewhere(10, 22)
    classes = torch.zeros(HEIGHT, WIDTH, dtype=torch.int64)
    classes[((columns - bar).abs() <= 2) & ((rows - height).abs() <= 8)] = BAR
    classes[(rows - height) ** 2 + (columns - disc) ** 2 <= 36] = DISC
    picture = 0.2 * torch.rand(3, HEIGHT, WIDTH, generator=generator) + 0.8 * (classes > 0)
    return picture, classes


@functools.cache
def trained() -> nn.Module:
    """A segmenter with strides, which has seen a few hundred pictures."""
    torch.manual_seed(0)

    def block(channels: int, wider: int, stride: int) -> nn.Module:
        convolution = nn.Conv2d(channels, wider, 3, stride, padding=1, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(wider), nn.ReLU())

    model = nn.Sequential(
        block(3, 16, 1),
        block(16, 32, 2),
        block(32, 32, 2),
        nn.Sequential(nn.Upsample(scale_factor=4, mode="bilinear"), nn.Conv2d(32, 3, 3, padding=1)),
    )
    optimiser = torch.optim.Adam(model.parameters(), 5e-3)
    generator = torch.Generator().manual_seed(1)
    for _ in range(60):
        pictures, classes = zip(*(shapes(generator) for _ in range(16)), strict=True)
        optimiser.zero_grad()
        cross_entropy(model(torch.stack(pictures)), torch.stack(classes)).backward()
        optimiser.step()
    return model.eval()


@pytest.fixture
def seen() -> tuple[Tensor, Tensor]:
    picture, classes = shapes(torch.Generator().manual_seed(100))
    return picture[None], classes


def share(heatmap: NDArray[np.float32], place: Tensor) -> float:
    return float(heatmap[place.numpy()].sum() / heatmap.sum())


def around(place: Tensor, margin: int = 4) -> Tensor:
    """A place and what lies near it."""
    wide = 2 * margin + 1
    return avg_pool2d(place[None].float(), wide, 1, margin)[0] > 0


def test_the_segmenter_has_learnt_its_shapes(seen: tuple[Tensor, Tensor]) -> None:
    picture, classes = seen
    right = trained()(picture)[0].argmax(dim=0) == classes
    assert right.float().mean() > 0.95


@pytest.mark.parametrize("method", ["grad_cam", "saliency", "occlusion"])
@pytest.mark.parametrize("shape", [BAR, DISC])
def test_the_map_of_a_class_lies_on_its_shape(
    method: str, shape: int, seen: tuple[Tensor, Tensor]
) -> None:
    picture, classes = seen
    other = BAR + DISC - shape
    options: Any = {"patch": 4, "stride": 4} if method == "occlusion" else {}
    found = xw.explain(trained(), picture, method, shape, **options)
    heatmap = found.maps()[0].clamp(min=0)
    larger = interpolate(heatmap[None, None], (HEIGHT, WIDTH), mode="bilinear")[0, 0].numpy()
    assert share(larger, around(classes == shape)) > 0.6
    assert share(larger, around(classes == other)) < 0.15


def test_the_map_of_a_pixel_lies_around_it(seen: tuple[Tensor, Tensor]) -> None:
    picture, classes = seen
    rows, columns = (classes == DISC).nonzero(as_tuple=True)
    row, column = int(rows.float().mean()), int(columns.float().mean())
    found = xw.explain(trained(), picture, "saliency", xw.pixel(row, column))
    assert str(found.target) == f"pixel ({row}, {column}), class {DISC}"
    place = torch.zeros(HEIGHT, WIDTH)
    place[row, column] = 1
    assert share(found.maps()[0].numpy(), around(place, 10)) > 0.95


def test_without_a_target_the_ground_is_explained(seen: tuple[Tensor, Tensor]) -> None:
    assert xw.explain(trained(), seen[0], "saliency").target == (GROUND,)


# The first network of MTCNN looks at pictures in which a face is 12 pixels high.
SCALE = 0.24


def faces(output: tuple[Tensor, Tensor]) -> list[dict[str, Tensor]]:
    """The cells in which P-Net sees a face, as boxes of 12 pixels."""
    found = []
    for scores in output[1][:, 1]:
        rows, columns = (scores > 0.6).nonzero(as_tuple=True)
        corners = 2.0 * torch.stack([columns, rows], dim=1)
        found.append(
            {"boxes": torch.cat([corners, corners + 12], 1), "scores": scores[rows, columns]}
        )
    return found


@pytest.fixture
def astronaut() -> Tensor:
    """The upper part of scikit-image's astronaut, 160 x 224, each value from 0 to 255."""
    whole = torch.from_numpy(data.astronaut().copy()).permute(2, 0, 1)[None].float()
    return interpolate(whole[:, :, :320, :448], (160, 224), mode="area")


def on_the_face(size: tuple[int, int]) -> Tensor:
    """Where the astronaut's face is, from hair to chin."""
    place = torch.zeros(160, 224, dtype=torch.bool)
    place[26:92, 86:138] = True
    return interpolate(place[None, None].float(), size, mode="nearest-exact")[0, 0] > 0


def test_the_map_of_the_astronaut_s_face_lies_on_the_face(astronaut: Tensor) -> None:
    network = PNet()
    small = interpolate(astronaut, scale_factor=SCALE, mode="area")
    picture = (small - 127.5) / 128
    with torch.no_grad():
        surest = int(faces(network(picture))[0]["scores"].argmax())
    target: Any = xw.box(surest, boxes=faces)
    place = on_the_face((picture.shape[2], picture.shape[3]))
    assert place.float().mean() < 0.12
    found = xw.explain(network, picture, "grad_cam", target)
    assert found.layer == "prelu3"
    assert share(found.heatmaps()[0], place) > 0.8
    # What is hidden elsewhere takes nothing from the face.
    found = xw.explain(network, picture, "occlusion", target, patch=4, stride=2)
    assert share(found.maps()[0].clamp(min=0).numpy(), place) > 0.9


class FaceDetector(nn.Module):
    """All three networks of MTCNN: where a face is, and the score that the last gives to it."""

    def __init__(self) -> None:
        super().__init__()
        self.pnet, self.rnet, self.onet = PNet(), RNet(), ONet()

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        return [self.found(sample) for sample in x]

    def found(self, sample: Tensor) -> dict[str, Tensor]:
        networks = (self.pnet, self.rnet, self.onet)
        last_axis = sample.detach().permute(1, 2, 0)
        found, _ = detect_face(last_axis, 20, *networks, [0.6, 0.7, 0.7], 0.709, "cpu")
        boxes = torch.as_tensor(np.array(found[0], dtype=np.float32)).reshape(-1, 5)[:, :4]
        scores = [self.score(sample, box) for box in boxes]
        return {"boxes": boxes, "scores": torch.stack(scores) if scores else torch.zeros(0)}

    def score(self, sample: Tensor, box: Tensor) -> Tensor:
        left, top, right, bottom = box.round().int().clamp(min=0).tolist()
        face = interpolate(sample[None, :, top:bottom, left:right], (48, 48), mode="area")
        return self.onet((face - 127.5) / 128)[2][0, 1]


def test_hiding_the_face_takes_the_face_detector_s_score(astronaut: Tensor) -> None:
    model, place = FaceDetector(), on_the_face((160, 224))
    forward = xw.ForwardPass(model, astronaut, [])
    assert forward.scores(xw.box(0)).item() > 0.99
    found = xw.explain_pass(forward, "saliency", xw.box(0))
    assert share(found.maps()[0].numpy(), around(place)) > 0.99
    found = xw.explain_pass(forward, "occlusion", xw.box(0), patch=32, stride=32, baseline=128.0)
    hidden = found.values[0]
    assert hidden.max() > 0.5
    assert share(hidden.clamp(min=0).numpy(), around(place, 16)) > 0.9
    # Its networks look at cut-outs, which lie nowhere over the picture.
    with pytest.raises(ValueError, match="has no layer with a grid"):
        xw.explain(model, astronaut, "grad_cam", xw.box(0))
