"""What is asked of many pictures, and what comes of it for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..imaging import Prepared
from ..methods import method_named
from .maps import TileMap
from .order import Selection

# A page is for looking at; what is longer is another page.
MOST_ROWS = 100

Target = int | str
Tiles = dict[str, TileMap]
# Two methods, in either order, with the layer that they use and what they explain.
Pair = tuple[frozenset[str], str | None, Target]


@dataclass(frozen=True)
class Ask:
    """What is asked of each picture; `target` is ``predicted``, ``label`` or a class index, `style` how it is painted."""

    methods: tuple[str, ...]
    layer: str | None
    target: Target
    style: str | None = None

    @cached_property
    def layers(self) -> dict[str, str | None]:
        """The layer that each method explains, None for one that uses none."""
        return {
            name: self.layer if method_named(name).uses_layer else None for name in self.methods
        }

    @cached_property
    def pair(self) -> Pair | None:
        """What a disagreement depends on, that of the first two methods; None if there is one alone."""
        two = self.methods[:2]
        layered = any(self.layers[name] is not None for name in two)
        return (frozenset(two), self.layer if layered else None, self.target) if two[1:] else None


@dataclass(frozen=True)
class Request:
    """A page as it is asked for; `rows` is ``pictures``, or the ``layers`` or ``classes`` of one picture.

    Attributes
    ----------
    image_index
        The picture whose layers or classes are compared.
    page, page_size
        Which page of the pictures, 0 for the first, and how many rows it has.
    ask
        What is explained.
    selection
        Which pictures, in which order.
    summarise
        Whether the model is to see all pictures, so that it can be told how well it does.
    metrics, measure_all
        What is measured of the maps of the page, and whether it is of all pictures that pass the filters.
    """

    ask: Ask
    rows: str = "pictures"
    image_index: int = 0
    page: int = 0
    page_size: int = 12
    selection: Selection = field(default_factory=Selection)
    summarise: bool = False
    metrics: tuple[str, ...] = ()
    measure_all: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a picture could not be read, or could not be explained as it was asked (`ask` None: in any way)."""

    cause: str
    ask: Ask | None = None


def column(method: str, model: str) -> str:
    """What the maps of a method are called where another model than the first made them."""
    return f"{method}@{model}"


def method_of(column: str) -> str:
    """The method of a column."""
    return column.partition("@")[0]


def model_of(column: str) -> str:
    """The model of a column, nothing of the first one's."""
    return column.partition("@")[2]


@dataclass(frozen=True, eq=False)
class Answer:
    """A picture that was explained, and the class that it was explained for."""

    prepared: Prepared
    target: int
    tiles: Tiles
    beside: Mapping[str, Answer | None] = field(default_factory=dict)
    """Of other models, by name: None where one could not explain it."""
