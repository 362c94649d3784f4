"""Notes as people read them."""

from __future__ import annotations

from xcnn_widgets.study import noted


def test_notes_are_sentences_one_after_the_other() -> None:
    read = noted("The map is zero.", "", "the numbers given are the input, 1 x 2 x 3")
    assert read == "The map is zero. The numbers given are the input, 1 x 2 x 3."
    assert noted("", "") == ""
