"""How far it is: a bar, a function that is told, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm.auto import tqdm


@contextmanager
def told(
    progress: bool | Callable[[int, int], None], total: int, before: int
) -> Iterator[Callable[[int], None]]:
    """Give what is told how many more pictures are done.

    Parameters
    ----------
    progress
        True shows a bar with the rate and the time left; a function is told how many are done, and of how many.
    total, before
        How many pictures there are, and how many were done before.
    """
    if callable(progress):
        done = before

        def tell(more: int) -> None:
            nonlocal done
            done += more
            progress(done, total)

        progress(done, total)
        yield tell
        return
    with tqdm(total=total, initial=before, unit=" pictures", disable=not progress) as bar:

        def advance(more: int) -> None:
            bar.update(more)

        yield advance
