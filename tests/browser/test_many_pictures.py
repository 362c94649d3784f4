"""The strip of very many pictures: thumbnails come as they scroll into sight."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

DRAWN = """([list, name]) => {
    const image = list.querySelector(`[aria-label="${name}"] img`);
    return Boolean(image?.complete && image.naturalWidth > 0);
}"""


@pytest.mark.parametrize("count", [300, 10_000])
def test_thumbnails_come_as_they_scroll_into_sight(show, kernel, count):
    explorer = show(
        f"w = explorer({{f'picture {{i}}': PICTURES['ant'] for i in range({count})}}); w"
    )
    strip, page = explorer.strip, explorer.page

    def wait_for(name: str) -> None:
        page.wait_for_function(DRAWN, arg=[strip.element_handle(), name])

    wait_for("picture 0")
    strip.evaluate("(list) => { list.scrollLeft = 58 * 150; }")
    wait_for("picture 152")
    assert strip.get_by_role("option").count() < 60
    # What was chosen is where Tab finds it, and one choice brings it back into sight.
    expect(explorer.picture("picture 0")).to_have_attribute("tabindex", "0")
    kernel.run(f"w.image_index = {count - 2}")
    wait_for(f"picture {count - 2}")
    expect(explorer.picture(f"picture {count - 2}")).to_be_in_viewport()
    explorer.picture(f"picture {count - 1}").click()
    explorer.expect_status(f"in picture {count - 1}")
    assert kernel.ask("w.image_index") == count - 1
