"""What leaves a gallery: its page as a figure and as files, what is known as a table, and what failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .drawing import Looks, page_figure, save_tiles
from .saving import GallerySavedViews

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_STANDING_ROWS = 6


class GalleryResults(GallerySavedViews):
    """Draws, saves and lists what a gallery found out."""

    @property
    def failures(self) -> dict[str, str]:
        """The pictures that could not be read, or not be explained as they are asked now, by name, and why."""
        names, found = self._exploration.pictures.name, self._work.failures
        causes = {i: self._work.failure(i, self._ask()) for i in sorted(found)}
        listed: dict[str, str] = {}
        for index, cause in causes.items():
            if cause is not None:
                name = names(index)
                listed[f"{name} (picture {index})" if name in listed else name] = cause
        return listed

    def figure(self) -> Figure:
        """Draw the page as it stands as a matplotlib figure: a row for each row, a column for each method.

        Raises
        ------
        RuntimeError
            If there is no row yet that could be explained.
        """
        rows = self._finished_rows()
        if not rows:
            raise RuntimeError(
                f"there is nothing to draw yet: {self.error or self.status or 'wait() for the page'}"
            )
        return page_figure(rows, self._exploration, self._looks())

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
        names, disagreements = self._exploration.class_names, self._work.disagreements(self._ask())
        rows = []
        for index, verdict in sorted(self._work.verdicts.items()):
            label = self._work.labels.of(index)
            rows.append(
                {
                    "name": self._exploration.pictures.name(index),
                    "label": names.name(label) if isinstance(label, int) else label,
                    "prediction": names.name(verdict.index),
                    "probability": verdict.probability,
                    "disagreement": disagreements.get(index),
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
        return save_tiles(self._finished_rows(), self._exploration, self._looks(), Path(folder))

    def _standing_picture(self) -> Figure | None:
        # Of a long page the beginning: all of it in one picture would be too small to see anything.
        rows = self._finished_rows()[:_STANDING_ROWS]
        return page_figure(rows, self._exploration, self._looks()) if rows else None

    def _looks(self) -> Looks:
        return Looks(self.display, self.opacity, self.colormap, self.common_range)
