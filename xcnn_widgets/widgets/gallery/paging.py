"""Which page is shown: people and code count from 1; what is sent and saved is an index, from 0, as it always was."""

from __future__ import annotations

from typing import Any

import traitlets


def page_number() -> Any:
    """A trait that counts pages from 1."""
    return traitlets.Int(1).tag(
        sync=True,
        to_json=lambda page, _: page - 1,
        from_json=lambda sent, _: sent + 1 if isinstance(sent, int) else sent,
    )


def with_page() -> Any:
    """A trait that holds values of traits by name, the page among them."""
    return traitlets.Dict().tag(
        sync=True,
        to_json=lambda held, _: {**held, "page": held["page"] - 1} if "page" in held else held,
    )
