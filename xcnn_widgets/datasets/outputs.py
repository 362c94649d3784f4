"""What leaves the results of a data set: pictures, arrays, samples of another tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..imaging import PaintLook
from .folder import Folder
from .question import Question
from .rows import chosen

if TYPE_CHECKING:
    import pyarrow.compute as pc

    from .pictures import Form


class Outputs:
    """Results that are saved as pictures, and handed over to other tools."""

    _folder: Folder
    question: Question

    def save_pictures(
        self,
        folder: str | PathLike[str],
        *,
        method: str | None = None,
        where: Sequence[int] | pc.Expression | None = None,
        form: Form = "png",
        opacity: float = 0.5,
        colormap: str = "viridis",
        side: int = 1024,
        progress: bool | Callable[[int, int], None] = True,
    ) -> Path:
        """Save overlays of all pictures as files, and a table of them; no file that is there is written over.

        A map lies over its source file, where that can be read and the part that the model saw is found in it (the
        whole, or the middle), else over the thumbnail; the column ``over`` tells which. A file is named as its picture,
        ``cat-3.png`` of ``cat/3.jpg``; where two have one name, the second ends in ``-2``. A row without a map has a line, but no file. Interrupted, it
        leaves what is written, with a line for each.

        Parameters
        ----------
        folder
            Where they go; it is made.
        method
            Whose maps. Default: the first of those asked.
        where
            Which pictures: their indices, such as ``groups.members(1)``; or an expression of pyarrow, such as
            ``pyarrow.compute.field("right") == False``. Default: all.
        form
            ``png`` or ``jpeg``.
        opacity, colormap
            As `overlay` takes them: how strongly the hottest place is covered, 0 to 1; any of matplotlib's.
        side
            The longer side of a file at most, in pixels.
        progress
            Whether to show a bar with the rate and the time left; or what is told how many are done, and of how many.

        Returns
        -------
        Path
            The table: ``index``, ``name``, ``label``, ``prediction``, ``probability`` (or ``value``), ``right``,
            ``file``, ``over`` and ``error``.

        Raises
        ------
        ValueError
            If there is no such method, form or colormap, or the maps are not of pictures.
        """
        from .pictures import save_pictures

        return save_pictures(
            self._folder.dataset(self.question),
            self.question,
            Path(folder),
            method=method,
            where=chosen(where),
            form=form,
            look=PaintLook(opacity, colormap),
            side=side,
            progress=progress,
        )

    def to_zarr(
        self,
        path: str | PathLike[str],
        *,
        methods: Sequence[str] | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Write all maps as arrays of a Zarr group, for code that wants them as numbers.

        For each method an array ``float32`` ``(N, h, w)`` in the maps' own values, NaN where there is no map; beside them ``index``,
        ``label_index`` and ``prediction_index`` ``(N,)``, -1 where there is none. Rows stand as they were written:
        ``index`` tells which picture each is. The group's attributes hold what was asked, with the class names. A chunk has
        1,000 pictures, or 32 MB.

        Parameters
        ----------
        path
            Where to; there must be nothing yet.
        methods
            Whose maps. Default: all that were asked.
        size
            ``(H, W)``: writes heatmaps in [0, 1] of one size, for maps of several shapes. Default: maps as they are.

        Raises
        ------
        ValueError
            If there is no such method, or its maps have several shapes and `size` is not given.
        FileExistsError
            If there is something at the path.
        ImportError
            If zarr is not installed: ``pip install 'xcnn-widgets[zarr]'``.
        """
        from .zarr_store import to_zarr

        to_zarr(self._folder.dataset(self.question), self.question, Path(path), methods, size)

    def to_fiftyone(self, name: str | None = None) -> Any:
        """A FiftyOne dataset of the pictures that are files.

        Each sample has ``ground_truth``, ``prediction`` with its probability as ``confidence``, a heatmap for each
        method in a field of its name, ``row``, the picture's index here, and ``error``, if something went wrong. A heatmap lies where
        the model saw the picture; where that is not found in the file, there is none, and ``error`` says so.

        Parameters
        ----------
        name
            Of the dataset. Default: FiftyOne chooses one. It is kept only if you set its ``persistent``.

        Returns
        -------
        fiftyone.Dataset

        Raises
        ------
        ValueError
            If no picture is a file that is there, or there is a dataset of this name.
        ImportError
            If FiftyOne is not installed: ``pip install fiftyone``.
        """
        from .fiftyone_samples import to_fiftyone

        return to_fiftyone(self._folder.dataset(self.question), self.question, name)
