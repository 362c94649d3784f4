"""HTML that asks nobody for anything: what lies elsewhere is left out, and told."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

# What a tag would fetch, and by which of its attributes.
_FETCHES = {
    "img": "src",
    "script": "src",
    "iframe": "src",
    "link": "href",
    "video": "src",
    "audio": "src",
    "source": "src",
    "embed": "src",
    "object": "data",
}


def self_contained(body: str) -> tuple[str, list[str]]:
    """Put a link in the place of everything that would be fetched.

    Returns
    -------
    tuple[str, list[str]]
        The HTML, and a note on each address that is left out.
    """
    soup = BeautifulSoup(body, features="html.parser")
    left_out: dict[str, None] = {}
    for name, attribute in _FETCHES.items():
        for tag in soup.find_all(name):
            address = tag.get(attribute)
            if isinstance(address, str) and not address.startswith(("data:", "#")):
                left_out[address] = None
                _replace(soup, tag, address)
    for tag in soup.find_all(srcset=True):
        del tag["srcset"]
    return str(soup), [f"left out, for it is not in the notebook: {each}" for each in left_out]


def _replace(soup: BeautifulSoup, tag: Tag, address: str) -> None:
    if tag.name in ("script", "link"):
        tag.decompose()
        return
    link = soup.new_tag("a", href=address)
    link.string = str(tag.get("alt") or address)
    tag.replace_with(link)
