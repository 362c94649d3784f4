"""Results as the source of a gallery: what was written down is looked up, and what was not is asked, if there is a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..imaging import ClassNames, PreparedPictures
from ..metrics import ROW_METRICS
from ..network import ACTIVATIONS, Activation
from ..study import (
    Ask,
    AskedSource,
    Numbers,
    Request,
    Row,
    Screen,
    Selection,
    Summary,
    Target,
    Work,
    counted,
    metric_column,
)
from .columns import Columns
from .counting import summary_of
from .grouped import grouped
from .kept_rows import WITHOUT_MODEL, KeptRows
from .results import Results
from .selecting import AsGiven, Found, selected

if TYPE_CHECKING:
    import pandas as pd


class StoredSource:
    """What a model said when a data set was explained.

    Parameters
    ----------
    results
        What was written.
    """

    def __init__(self, results: Results) -> None:
        self.results, self._question = results, results.question
        self._columns = Columns(results.dataset)
        self._rows = KeptRows(self._columns, self._question)
        self._asked: AskedSource | None = None
        names = self._question.class_names
        unnamed = all(name == f"class {number}" for number, name in enumerate(names))
        self._names = ClassNames(None if unnamed else names)
        self._found: tuple[tuple[Selection, str], Found | AsGiven] | None = None
        self._summaries: dict[bool, Summary] = {}
        self.groups: dict[str, Any] = grouped(self._columns, results.groups)
        """The groups of pictures as a page takes them; empty where there are none."""

    def ask(self, work: Work, index: int) -> None:
        """Ask a model with the pictures for what was not written; it is opened, and takes the picture of this index."""
        self._asked = AskedSource(work, index)
        self._rows.work = work

    def told(self, index: int, *names: str) -> dict[str, Any]:
        """Some columns of a picture's row."""
        return self._columns.rows(self._columns.positions([index]), names)[0]

    def sources(self) -> list[str]:
        """The files of all pictures, in their order."""
        table = self._columns.table(["index", "source"]).sort_by("index")
        found: list[str] = table["source"].to_pylist()
        return found

    def map_shape(self, method: str) -> tuple[int, ...]:
        """The sides of a method's map in the first row that has one, of the first thousand; empty where none has."""
        name = f"{method}_shape"
        shapes = self._columns.first_rows([name])[name].drop_null()
        return tuple(shapes[0].as_py()) if len(shapes) else ()

    @property
    def has_labels(self) -> bool:
        """Whether a picture of the first thousand, which a row group has, has a label."""
        labels = self._columns.first_rows(["label"])["label"]
        return bool(labels.null_count < len(labels))

    @property
    def count(self) -> int:
        """How many pictures there are: one more than the greatest index that has a row."""
        return self._columns.last_index + 1

    @property
    def first_index(self) -> int:
        """The first picture that has a row."""
        return self._columns.first_index

    @property
    def models(self) -> Sequence[str]:
        """Results are of one model."""
        return []

    @property
    def reading(self) -> Mapping[str, Any]:
        """As scores were read then."""
        question = self._question
        return {
            "activation": question.activation,
            "choices": [question.activation],
            "has_winner": question.has_winner,
            "tells_areas": False,
            "finds_boxes": False,
            "can_ask": self._asked is not None,
            "why": "as scores were read when the pictures were explained",
        }

    @property
    def pictures(self) -> PreparedPictures | None:
        """The pictures as the model takes them, if there is one."""
        return None if self._asked is None else self._asked.pictures

    def class_names(self) -> tuple[list[str], Mapping[str, list[str]]]:
        """The names of the classes."""
        return self._names.as_list(), {}

    def class_index(self, target: Any, model: str | None = None) -> int:  # noqa: ARG002
        """The index of a class by index or name."""
        if self._asked is not None:
            return self._asked.class_index(target)
        count = len(self._question.class_names)
        if isinstance(target, str):
            return self._names.index(target)
        if isinstance(target, bool) or not isinstance(target, int):
            raise TypeError("expected one class, by index or name")
        if not 0 <= target < count:
            raise ValueError(f"there are {count} classes, 0 to {count - 1}")
        return target

    def class_in(self, index: int, model: str | None, other: str | None) -> int | None:  # noqa: ARG002
        """The same class."""
        return index

    def name(self, index: int) -> str:
        """What a picture is called."""
        return str(self.told(index, "name")["name"])

    def first_target(self) -> Target:
        """What was explained."""
        return self._question.target

    def admit(self, name: str, value: Any, now: Request) -> None:
        """Refuse what was not written and cannot be asked."""
        question = self._question
        if name == "target" and self._asked is None and value != question.target:
            raise ValueError(f"{question.target!r} was explained; {WITHOUT_MODEL}")
        if name == "order":
            self._admit_order(value, now)
        if name == "show_disagreement" and value is not None:
            self._admit_order("disagreement", now)

    def read_as(self, activation: Any) -> Activation:
        """Scores stay read as they were."""
        known = next(each for each in ACTIVATIONS if each == self._question.activation)
        if activation not in (None, known):
            raise ValueError(
                f"activation = {activation!r}: scores were read as {known!r} when the pictures were explained; "
                "explain them anew to read them in another way"
            )
        return known

    def fill(self, request: Request, screen: Screen) -> None:
        """As `Source.fill`."""
        if request.rows != "pictures":
            if self._asked is None:
                raise RuntimeError(WITHOUT_MODEL)
            self._asked.fill(replace(request, summarise=False), screen)
            return
        found, size = self._selected(request), request.page_size
        pages = max(1, -(-len(found) // size))
        page = min(request.page, pages - 1)
        shown = found.part(page * size, (page + 1) * size)
        facts = {"rows": len(shown), "page": page, "pages": pages}
        screen.announce({**facts, "matches": len(found), "total": len(self._columns)})
        indices: list[int] = []
        for done, rows in self._rows.at(shown, request.ask, screen.cancelled):
            indices += [row["index"] for row in rows]
            screen.place({done - len(rows) + place: row for place, row in enumerate(rows)})
            screen.tell(progress=round(done / len(shown), 3))
        screen.tell(status=f"{len(shown)} of {counted(len(found))} shown", note="")
        if request.metrics:
            self._rows.measure(shown, found.whole(), request, screen)
        if not screen.cancelled():
            screen.summarise(self.summary(request.ask))
        if request.page >= pages:
            there = "is 1 page" if pages == 1 else f"are {pages} pages"
            raise ValueError(
                f"page = {request.page + 1}: there {there}, counted from 1; the last one is shown"
            )

    def matching(self, request: Request, screen: Screen) -> Sequence[int] | None:  # noqa: ARG002
        """As `Source.matching`."""
        found: list[int] = self._columns.numbers("index")[self._selected(request).whole()].tolist()
        return found

    def known_matches(self, request: Request) -> int | None:
        """As `Source.known_matches`."""
        return len(self._selected(request))

    def explained(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, list[Row]]]:
        """As `Source.explained`."""
        return self._rows.at(self._columns.positions(indices), ask, cancelled)

    def saved(
        self, indices: Sequence[int], methods: Sequence[str], cancelled: Callable[[], bool]
    ) -> Iterator[list[tuple[Row, dict[str, Any], Numbers]]]:
        """As `KeptRows.saved`."""
        return self._rows.saved(indices, methods, cancelled)

    def failures(self, ask: Ask) -> dict[str, str]:  # noqa: ARG002
        """As `Source.failures`."""
        return self.results.errors()

    def table(self, model: str | None, ask: Ask, metrics: Sequence[str]) -> pd.DataFrame:  # noqa: ARG002
        """As `Source.table`."""
        question = self._question
        apart = ["disagreement"] if len(question.methods) > 1 else []
        measured = [
            column
            for metric in metrics
            for method in ask.methods
            if (column := metric_column(metric, method)) in self._columns.names
        ]
        columns = ["name", "label", "prediction", question.said, *apart, *measured]
        frame = self.results.to_dataframe(columns)
        return frame[frame["prediction"].notna()]

    def summary(self, ask: Ask) -> Summary:
        """As `Source.summary`."""
        apart = self._rows.holds_pair(ask)
        if apart not in self._summaries:
            self._summaries[apart] = summary_of(self._columns, self._question, apart=apart)
        return self._summaries[apart]

    def reread(self) -> None:
        """Scores stay read as they were."""

    def forget(self) -> None:
        """As `Source.forget`."""
        if self._asked is not None:
            self._asked.forget()

    def clear(self) -> None:
        """As `Source.clear`."""
        self._found = None
        if self._asked is not None:
            self._asked.clear()

    def _admit_order(self, order: str, now: Request) -> None:
        kept, methods = self._question.methods, now.ask.methods
        if order == "disagreement" and not self._rows.holds_pair(now.ask):
            raise ValueError(
                f"the results tell how far {' and '.join(kept[:2])} disagree; let them be the first two methods"
                if len(kept) > 1
                else "the results tell no disagreement, for they have maps of one method"
            )
        if order in ROW_METRICS:
            is_kept = self._rows.holds(now.ask, *methods[:1])
            if not is_kept or order not in self._question.metrics:
                raise ValueError(
                    f"there is no {metric_column(order, methods[0])!r} in the results: "
                    f"explain_dataset(..., methods=[{methods[0]!r}], metrics=[{order!r}])"
                )

    def _selected(self, request: Request) -> Found | AsGiven:
        key = (request.selection, request.ask.methods[0])
        if self._found is None or self._found[0] != key:
            self._found = (key, selected(self._columns, self._question, *key))
        return self._found[1]
