"""Errors and notes as sentences for people."""

from __future__ import annotations

# By name, for the study does not know traitlets.
_FOR_PEOPLE = {"OSError", "TypeError", "ValueError", "FloatingPointError", "TraitError"}


def in_words(error: Exception) -> str:
    """An error as a sentence; one that is not meant for people keeps the name of its class."""
    text = str(error).strip()
    for_people = any(kind.__name__ in _FOR_PEOPLE for kind in type(error).__mro__)
    return text if text and for_people else f"{type(error).__name__}: {text}".rstrip(": ")


def noted(*notes: str) -> str:
    """Notes one after the other, each a sentence; empty ones are left out."""
    return " ".join(_sentence(note) for note in notes if note)


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}{'' if note[-1] in '.!?' else '.'}"
