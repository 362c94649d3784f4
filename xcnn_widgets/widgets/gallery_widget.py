"""Many pictures, layers or classes, method beside method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..attribution.methods import METHODS, method_named
from .exploration import Exploration
from .gallery_answering import GalleryAnswers
from .gallery_choices import CHOICES, LOOKS
from .gallery_rows import Row, drawn_tiles
from .gallery_work import GalleryWork
from .live_view import refuse_unknown
from .presentation import layer_states, method_states

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from .explainer_widget import ExplainerWidget


class GalleryWidget(GalleryAnswers):
    """Compare methods over many pictures, over the layers of a network, or over the classes of one picture.

    Every choice is a trait that can be set, observed and linked. A choice that does not fit raises at once;
    what it asks for is computed in the background, row by row, and `wait` blocks until the page is complete. Only what
    is looked at is computed: a page, or, for an order or a filter by the model's answers, one forward pass over all
    pictures, once.

    Parameters
    ----------
    model_or_explainer, class_names, transform, device
        As for `ExplainerWidget`.
    images
        As for `ExplainerWidget`: also a folder tree in `ImageFolder` layout, a `Dataset`, or any sequence; pictures are
        opened when they are looked at.
    labels
        True labels: one for each picture (class index or name), or a dict from picture name to label. By default those
        that come with the images.
    methods
        The columns to start with.
    layer
        The target layer; by default the last one offered.
    target
        ``predicted``, ``label``, or one class by index or name.
    layers
        The layers to offer and, with ``rows="layers"``, to compare; by default the ends of the network's stages.
    batch_size
        How many pictures go through the model at once; by default as many as memory allows, 32 at most. It halves itself
        when memory runs out.
    page_size
        Rows a page, 1 to 100; by default 12.
    cache_bytes
        The most bytes of pictures and maps to keep; what was looked at longest ago is forgotten first.
    **choices
        Any other trait, to start with: ``rows="layers"``, ``order="disagreement"``, ``opacity=0.7``.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If an argument does not fit; the message names it, what was expected and the way out.
    """

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        labels: Sequence[Any] | Mapping[Any, Any] | None = None,
        methods: Sequence[str] = ("grad_cam", "guided_grad_cam"),
        layer: str | None = None,
        target: int | str = "predicted",
        transform: Callable[[Any], Any] | None = None,
        device: str | torch.device | None = None,
        layers: Sequence[str] | None = None,
        batch_size: int | None = None,
        page_size: int | None = None,
        cache_bytes: int = 256 * 2**20,
        **choices: Any,
    ) -> None:
        self._opened = False
        refuse_unknown(choices, (*CHOICES, *LOOKS))
        self._model, self._source, self._names, self._transform = (
            model_or_explainer,
            images,
            class_names,
            transform,
        )
        self._exploration = Exploration(
            model_or_explainer,
            images,
            class_names,
            transform=transform,
            layers=layers,
            device=device,
            cache_bytes=cache_bytes // 4,
        )
        self._work = GalleryWork(self._exploration, labels, batch_size, cache_bytes // 2)
        for name in methods:
            method_named(name)
        given = {
            "methods": list(methods),
            "target": target,
            "page_size": page_size,
            "layer": layer,
            **choices,
        }
        super().__init__(**self._opening_state({k: v for k, v in given.items() if v is not None}))
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self._opened = True
        self._start_answering()

    @property
    def failures(self) -> dict[str, str]:
        """The pictures that could not be read or explained so far, by name, and why."""
        name = self._exploration.pictures.name
        return {name(index): cause for index, cause in sorted(self._work.failures.items())}

    def explorer(self) -> ExplainerWidget:
        """Make an `ExplainerWidget` on the same model and pictures that follows the selection."""
        from .explainer_widget import ExplainerWidget

        explorer = ExplainerWidget(
            self._model,
            self._source,
            self._names,
            transform=self._transform,
            image_index=self._selected_picture(),
            layer=self.layer,
        )

        def follow(_: Any) -> None:
            explorer.image_index = self._selected_picture()

        self.observe(follow, "selected")
        return explorer

    def figure(self) -> Figure:
        """Draw the page as it stands as a matplotlib figure: a row for each row, a column for each method."""
        from ..imaging.figures import comparison_figure

        pictures, labels = [], []
        for row, picture, tiles in self._drawn_rows():
            pictures.append([picture, *tiles])
            labels.append(row["title"] or f"{row['name']}\n{row['prediction']['name']}")
        if not pictures:
            raise RuntimeError(
                f"there is nothing to draw yet: {self.error or self.status or 'wait() for the page'}"
            )
        columns = ["picture", *(METHODS[name].label for name in self.methods)]
        return comparison_figure(pictures, labels, columns)

    def to_dataframe(self) -> pd.DataFrame:
        """Return what is known of each picture as a table, in the order given.

        Columns: name, label, prediction, probability, disagreement (of the first two columns, at the layer and target
        shown). Pictures that the model has not seen yet are left out; choosing an order by confidence makes it see all.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("a table needs pandas: pip install pandas") from error
        ask, names = self._ask(), self._exploration.class_names
        rows = []
        for index, verdict in sorted(self._work.verdicts.items()):
            label = self._work.label(index)
            rows.append(
                {
                    "name": self._exploration.pictures.name(index),
                    "label": names.name(label) if isinstance(label, int) else label,
                    "prediction": names.name(verdict.index),
                    "probability": verdict.probability,
                    "disagreement": self._work.disagreement(index, ask),
                }
            )
        columns = ["name", "label", "prediction", "probability", "disagreement"]
        return pd.DataFrame(rows, columns=columns)

    def save_png(self, folder: str | Path) -> list[Path]:
        """Save every tile of the page as it is drawn: ``003-cat-grad_cam.png``; returns the files.

        Raises
        ------
        OSError
            If the folder cannot be made or written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for position, (row, _, tiles) in enumerate(self._drawn_rows()):
            stem = "".join(
                c if c.isalnum() or c in "-_" else "-" for c in f"{row['name']}-{row['title']}"
            ).strip("-")
            for name, tile in zip(self.methods, tiles, strict=True):
                files.append(folder / f"{position:03d}-{stem[:80]}-{name}.png")
                Image.fromarray(tile).save(files[-1])
        return files

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if self._opened:
            self._opened = False
            self._worker.cancel()
            self._work.clear()
        super().close()

    def __repr__(self) -> str:
        if not self._opened:
            return "GalleryWidget(closed)"
        count = len(self._exploration.pictures)
        what = (
            f"{count} pictures"
            if self.rows == "pictures"
            else f"{self.rows} of {self.image_index!r}"
        )
        return f"GalleryWidget({what}, methods={self.methods}, layer={self.layer!r}, target={self.target!r})"

    def _standing_picture(self) -> Figure | None:
        return self.figure() if any(True for _ in self._finished_rows()) else None

    def _opening_state(self, choices: dict[str, Any]) -> dict[str, Any]:
        exploration = self._exploration
        index, _ = exploration.first_readable(choices.get("image_index", 0))
        methods = [method for method in exploration.methods(index) if not method.is_slow]
        state = {
            "layer": exploration.default_layer(index),
            "methods": [method.name for method in methods][:2],
            "_images": {"total": len(exploration.pictures)},
            "_methods": method_states(methods),
            "_layers": layer_states(exploration.layer_shapes(index)),
            "_class_names": exploration.class_names.as_list(),
            "_has_labels": self._work.has_labels(),
        }
        return {**state, **choices}

    def _selected_picture(self) -> int:
        if self.rows != "pictures":
            return self.image_index
        return self.selected or 0

    def _finished_rows(self) -> Iterator[Row]:
        """The rows of the page that are there and could be explained."""
        page = self._page or {"rows": 0, "generation": 0}
        for position in range(page["rows"]):
            row = self._row(position)
            if row is not None and not row["error"] and row["generation"] == page["generation"]:
                yield row

    def _drawn_rows(self) -> Iterator[tuple[Row, NDArray[np.uint8], list[NDArray[np.uint8]]]]:
        rows = list(self._finished_rows())
        looks = {"opacity": self.opacity, "colormap": self.colormap, "display": self.display}
        common = {}
        if self.common_range:
            for name in self.methods:
                ranges = [row["maps"][name]["range"] for row in rows]
                common[name] = (min(low for low, _ in ranges), max(high for _, high in ranges))
        for row in rows:
            picture = self._exploration.prepared(row["index"]).picture
            yield row, picture, drawn_tiles(row, picture, self.methods, looks, common)
