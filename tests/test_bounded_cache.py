"""What is kept, what is forgotten, and how many bytes that is."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from xcnn_widgets.bounded_cache import BoundedCache


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(10, len)
    cache.put("a", b"1234")
    cache.put("b", b"1234")
    assert cache.get("a") == b"1234"
    cache.put("c", b"1234")
    assert [cache.get(key) for key in "abc"] == [b"1234", None, b"1234"]
    assert (cache.bytes, len(cache)) == (8, 2)


def test_a_new_value_replaces_the_old_one_and_its_bytes() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(10, len)
    cache.put("a", b"123456")
    cache.put("a", b"12")
    assert (cache.bytes, cache.get("a")) == (2, b"12")


def test_a_value_larger_than_the_cache_is_not_kept_and_pushes_nothing_out() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(4, len)
    cache.put("a", b"12")
    cache.put("b", b"12345")
    assert (cache.get("a"), cache.get("b"), cache.bytes) == (b"12", None, 2)
    cache.put("a", b"12345")
    assert (cache.get("a"), cache.bytes) == (None, 0)


def test_a_cache_of_no_bytes_keeps_nothing() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(0, len)
    cache.put(1, b"1")
    assert len(cache) == 0


def test_clearing_forgets_everything() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(9, len)
    cache.put(1, b"1")
    cache.clear()
    assert (cache.get(1), cache.bytes, len(cache)) == (None, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12))), st.integers(0, 20))
def test_the_limit_holds_and_the_bytes_are_those_of_what_is_kept(
    puts: list[tuple[int, int]], limit: int
) -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(limit, len)
    for key, size in puts:
        cache.put(key, bytes(size))
        assert cache.bytes <= limit
    kept = [value for key in range(6) if (value := cache.get(key)) is not None]
    assert (sum(map(len, kept)), len(kept)) == (cache.bytes, len(cache))


def test_threads_do_not_lose_count() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(50, len)

    def flood(seed: int) -> None:
        for i in range(2000):
            cache.put((seed * i) % 17, bytes(i % 9))
            cache.get(i % 17)

    threads = [threading.Thread(target=flood, args=(seed,)) for seed in (3, 5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = [value for key in range(17) if (value := cache.get(key)) is not None]
    assert sum(map(len, kept)) == cache.bytes <= 50
