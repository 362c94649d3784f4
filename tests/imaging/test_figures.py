"""Figures keep the shape of pictures, tell true values, and need no pyplot."""

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from matplotlib.figure import Figure

from xcnn_widgets.imaging.figures import comparison_figure, explanation_figure
from xcnn_widgets.imaging.overlays import colour_strip, colour_table, overlay


def picture(height: int = 30, width: int = 50) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def heatmap(height: int = 30, width: int = 50) -> np.ndarray:
    return np.random.default_rng(1).random((height, width), dtype=np.float32)


def shown(figure: Figure) -> list[np.ndarray]:
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]


def bar_of(figure: Figure) -> np.ndarray:
    return shown(figure)[-1]


def test_an_explanation_shows_picture_heatmap_and_overlay() -> None:
    figure = explanation_figure(picture(), heatmap(), title="Grad-CAM", opacity=0.3, colormap="jet")
    black = np.zeros_like(picture())
    expected = [
        picture(),
        overlay(black, heatmap(), 1.0, "jet", blend="even"),
        overlay(picture(), heatmap(), 0.3, "jet"),
    ]
    for drawn, wanted in zip(shown(figure)[:3], expected, strict=True):
        np.testing.assert_array_equal(drawn, wanted)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["picture", "heatmap", "overlay"]
    assert [text.get_text() for text in figure.texts] == ["Grad-CAM"]


def test_the_heatmap_is_black_below_the_threshold() -> None:
    drawn = shown(explanation_figure(picture(), heatmap(), threshold=0.5))[1]
    assert drawn[heatmap() < 0.5].max() == 0


def test_the_colour_bar_has_the_colours_of_heatmap_and_overlay() -> None:
    bar = bar_of(explanation_figure(picture(), heatmap(), opacity=0.3, colormap="jet"))
    assert bar.shape == (256, 2, 3)
    np.testing.assert_array_equal(bar[:, 0], colour_table("jet"))
    np.testing.assert_array_equal(bar[:, 1], colour_strip("jet", 0.3, 0.0, "by heat"))


def test_the_colour_bar_tells_the_true_values() -> None:
    bar = explanation_figure(picture(), heatmap(), value_range=(-0.25, 1.5)).axes[-1]
    assert [label.get_text() for label in bar.get_yticklabels()] == ["-0.25", "0.625", "1.5"]


def test_a_constant_map_has_one_value_on_its_bar() -> None:
    figure = explanation_figure(picture(), np.zeros((30, 50)), value_range=(0.5, 0.5))
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == ["0.5"]


@pytest.mark.parametrize("size", [(30, 50), (50, 30), (8, 200)])
def test_pictures_keep_their_shape_and_nothing_is_cut_off(size: tuple[int, int]) -> None:
    figure = explanation_figure(
        picture(*size), heatmap(*size), title="A long title " * 2, value_label="drop"
    )
    figure.savefig(BytesIO())
    whole = figure.bbox
    for axes in figure.axes[:3]:
        box = axes.get_window_extent()
        assert box.height / box.width == pytest.approx(size[0] / size[1], rel=1e-6)
    bar = figure.axes[-1].get_tightbbox()
    assert bar.x1 <= whole.x1
    assert bar.y0 >= whole.y0


def test_a_comparison_has_its_rows_and_columns_in_place() -> None:
    cells = [
        [np.full((4, 6, 3), 10 * row + column, np.uint8) for column in range(3)] for row in range(2)
    ]
    figure = comparison_figure(cells, ["layer1", "layer_2$"], ["a", "b", "c"], title="$5 each$")
    assert [int(drawn.max()) for drawn in shown(figure)] == [0, 1, 2, 10, 11, 12]
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", "", "", ""]
    labels = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert labels == ["layer1", "layer_2$"]
    boxes = [axes.get_position() for axes in figure.axes]
    assert boxes[0].x0 == pytest.approx(boxes[3].x0)
    assert boxes[0].y0 > boxes[3].y1
    figure.savefig(BytesIO())


def test_long_row_labels_are_not_cut_off() -> None:
    cells = [[picture()]]
    label = "features.denseblock4.denselayer16.WWW"
    figure = comparison_figure(cells, [label], ["Grad-CAM"])
    figure.savefig(BytesIO())
    assert figure.axes[0].texts[0].get_window_extent().x0 >= 0


def test_a_comparison_has_a_colour_bar_on_request() -> None:
    figure = comparison_figure(
        [[picture()]], ["a"], ["b"], colormap="jet", value_range=(0, 2), value_label="Grad-CAM"
    )
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("cells", "rows", "columns"),
    [
        ([], [], ["a"]),
        ([[picture()]], [], ["a"]),
        ([[picture()]], ["r"], ["a", "b"]),
        ([[]], ["r"], []),
    ],
)
def test_labels_that_do_not_fit_the_pictures_are_refused(
    cells: list[list[np.ndarray]], rows: list[str], columns: list[str]
) -> None:
    with pytest.raises(ValueError, match="expected one label a row"):
        comparison_figure(cells, rows, columns)


def test_neither_pyplot_nor_torchvision_is_imported() -> None:
    code = (
        "import sys, xcnn_widgets.imaging.figures, xcnn_widgets.imaging.pictures, xcnn_widgets.demo\n"
        "sys.exit(any(m in sys.modules for m in ('matplotlib.pyplot', 'torchvision', 'timm')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
