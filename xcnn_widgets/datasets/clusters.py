"""Pictures grouped by their maps, as spectral relevance analysis does to find what a model cheats with.

Lapuschkin and others: *Unmasking Clever Hans predictors and assessing what machines really learn*, Nature
Communications 10:1096, 2019, doi:10.1038/s41467-019-08987-4.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from ..methods import is_constant
from .folder import Folder
from .groups import Groups, keep_groups, kept_groups
from .maps import has_map, maps_of, method_of, shapes_of
from .question import Question

if TYPE_CHECKING:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

How = Literal["k-means", "spectral"]
Floats = NDArray[np.float32]

# Maps are compared on a grid of at most so many cells a side: 256 bytes a picture.
_SIDE = 8
# Of these numbers so many directions are kept, those in which the maps differ most.
_DIRECTIONS = 16
# More pictures than these go through k-means some at a time.
_AT_ONCE = 10_000
# A graph of more pictures takes minutes; the others go to the nearest group.
_IN_GRAPH = 4_000
_NEIGHBOURS = 10
# Each picture of the silhouette is compared with all others.
_IN_SILHOUETTE = 2_000
_EXAMPLES = 4


def cluster(
    folder: Folder,
    dataset: ds.Dataset,
    question: Question,
    method: str | None,
    n: int,
    *,
    how: How,
    label: str | int | None,
    prediction: str | int | None,
    seed: int,
) -> Groups:
    """Group pictures by their maps, and keep the groups in the folder; as `Results.cluster`."""
    method = method_of(method, question)
    if how not in get_args(How):
        raise ValueError(f"how is {how!r}; expected {' or '.join(map(repr, get_args(How)))}")
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise ValueError(f"n is {n!r}; expected a number of groups, 2 or more")
    _require_scikit_learn()
    within = {
        what: value
        for what, value in (("label", label), ("prediction", prediction))
        if value is not None
    }
    where = _filter(within, question)
    indices, vectors, grid = _vectors(dataset, question, method, where)
    if len(indices) < n:
        raise ValueError(
            f"n is {n}, but there are {len(indices)} pictures with a map of {method!r}{_of(within)}; ask for fewer groups"
        )
    points = _points(vectors, seed)
    numbers = _in_order(_clustered(points, n, how, seed), n)
    members = [np.flatnonzero(numbers == group) for group in range(n)]
    keep_groups(
        Groups(
            method=method,
            how=how,
            seed=seed,
            within=within,
            indices=indices,
            numbers=numbers,
            mean_maps=np.stack([vectors[rows].mean(axis=0).reshape(grid) for rows in members]),
            examples=tuple(tuple(indices[_nearest(points, rows)].tolist()) for rows in members),
            wrong=_wrong(dataset, indices, members),
            silhouette=_silhouette(points, numbers, seed),
            left_out=int(dataset.count_rows(filter=where)) - len(indices),
            folder=folder,
        )
    )
    kept = kept_groups(folder)
    assert kept is not None
    return kept


def _require_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "cluster needs scikit-learn: pip install 'xcnn-widgets[clusters]'"
        ) from error


def _filter(within: dict[str, str | int], question: Question) -> pc.Expression | None:
    """The rows of a class, by its name or its index."""
    from pyarrow.dataset import field

    found = None
    for what, value in within.items():
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError(f"{what} is {value!r}; expected a class by its name or its index")
        if isinstance(value, int) and value not in range(len(question.class_names)):
            raise ValueError(
                f"{what} is {value}; there are classes 0 to {len(question.class_names) - 1}"
            )
        rows = field(what if isinstance(value, str) else f"{what}_index") == value
        found = rows if found is None else found & rows
    return found


def _of(within: dict[str, str | int]) -> str:
    return "".join(f", of {what} {value!r}" for what, value in within.items())


def _vectors(
    dataset: ds.Dataset, question: Question, method: str, where: pc.Expression | None
) -> tuple[NDArray[np.int64], Floats, tuple[int, int]]:
    """Pictures in their order, and their maps pooled to one grid, each of length 1; those that show nothing are left out."""
    shapes = shapes_of(dataset, method, where)
    if any(len(shape) != 2 for shape in shapes):
        raise ValueError(
            f"maps of {method!r} have the shape {shapes[-1]}; only maps of pictures (h, w) are grouped"
        )
    count = dataset.count_rows(filter=has_map(method, where))
    height, width = (max((shape[side] for shape in shapes), default=1) for side in range(2))
    grid = (min(_SIDE, height), min(_SIDE, width))
    indices = np.empty(count, np.int64)
    vectors = np.empty((count, grid[0] * grid[1]), np.float32)
    done = 0
    for some, values in maps_of(dataset, method, question, shapes, where):
        maps = torch.from_numpy(values)
        shows = ~is_constant(maps).flatten()
        pooled = F.adaptive_avg_pool2d(maps[shows].unsqueeze(1), grid).flatten(1)
        rows = slice(done, done + len(pooled))
        indices[rows], vectors[rows] = some[shows.numpy()], F.normalize(pooled).numpy()
        done += len(pooled)
    # By their indices, whichever order they were written in.
    order = np.argsort(indices[:done], kind="stable")
    return indices[order], vectors[order], grid


def _points(vectors: Floats, seed: int) -> Floats:
    """The maps by the few directions in which they differ most."""
    from sklearn.decomposition import PCA

    directions = min(_DIRECTIONS, *vectors.shape)
    pca = PCA(directions, svd_solver="covariance_eigh", random_state=seed)
    return np.ascontiguousarray(pca.fit_transform(vectors), np.float32)


def _clustered(points: Floats, n: int, how: How, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if how == "spectral":
        return _spectral(points, n, seed)
    kind: Any = KMeans
    if len(points) > _AT_ONCE:
        kind = MiniBatchKMeans
    with warnings.catch_warnings():
        # That there are fewer kinds of maps than groups is told by an error.
        warnings.simplefilter("ignore")
        found: NDArray[np.int64] = kind(n, n_init=10, random_state=seed).fit_predict(points)
    return found


def _spectral(points: Floats, n: int, seed: int) -> NDArray[np.int64]:
    """Groups that hang together in a graph of nearest neighbours; what is not in it joins the group of the nearest mean."""
    from sklearn.cluster import SpectralClustering

    chosen = np.arange(len(points))
    if len(points) > _IN_GRAPH:
        drawn = np.random.default_rng(seed).choice(len(points), _IN_GRAPH, replace=False)
        chosen = np.sort(drawn)
    graph = SpectralClustering(
        n,
        affinity="nearest_neighbors",
        n_neighbors=min(_NEIGHBOURS, len(chosen)),
        random_state=seed,
    )
    with warnings.catch_warnings():
        # A graph in several pieces is what is looked for.
        warnings.simplefilter("ignore")
        in_graph: NDArray[np.int64] = graph.fit_predict(points[chosen])
    if len(chosen) == len(points):
        return in_graph
    groups = np.unique(in_graph)
    means = np.stack([points[chosen[in_graph == group]].mean(axis=0) for group in groups])
    far = (means**2).sum(axis=1) - 2 * points @ means.T
    found: NDArray[np.int64] = groups[far.argmin(axis=1)]
    found[chosen] = in_graph
    return found


def _in_order(found: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    """Groups numbered by their size, the largest 0; of equal ones the one with the first picture comes first."""
    groups, firsts, sizes = np.unique(found, return_index=True, return_counts=True)
    if len(groups) < n:
        raise ValueError(
            f"n is {n}, but the maps are of {len(groups)} kinds only; ask for n={max(2, len(groups))}"
        )
    numbers = np.empty(found.max() + 1, np.int32)
    numbers[groups[np.lexsort((firsts, -sizes))]] = np.arange(n)
    ordered: NDArray[np.int32] = numbers[found]
    return ordered


def _nearest(points: Floats, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    far = np.linalg.norm(points[rows] - points[rows].mean(axis=0), axis=1)
    return rows[np.argsort(far, kind="stable")[:_EXAMPLES]]


def _wrong(
    dataset: ds.Dataset, indices: NDArray[np.int64], members: list[NDArray[np.int64]]
) -> tuple[float | None, ...]:
    """Of each group the share that the model got wrong."""
    table = dataset.to_table(columns=["index", "right"]).drop_null()
    judged = table["index"].to_numpy()
    is_wrong = ~table["right"].to_numpy().astype(bool)
    shares = (is_wrong[np.isin(judged, indices[rows])] for rows in members)
    return tuple(float(share.mean()) if len(share) else None for share in shares)


def _silhouette(points: Floats, numbers: NDArray[np.int32], seed: int) -> float | None:
    from sklearn.metrics import silhouette_score

    size = min(len(points), _IN_SILHOUETTE)
    drawn = np.random.default_rng(seed).choice(len(points), size, replace=False)
    groups = len(np.unique(numbers[drawn]))
    if not 2 <= groups < size:
        return None
    return float(silhouette_score(points[drawn], numbers[drawn]))
