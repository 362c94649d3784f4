"""While nobody acts, what is likely asked next is answered."""

from __future__ import annotations

import time

COUNTED = """
class Counted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, inputs):
        logits = self.inner(inputs)
        # A run that is left off does not come here.
        with Path({file!r}).open("a") as file:
            file.write("ran\\n")
        return logits

layers = [f"inner.{{name}}" for name in LAYERS]
w = explorer({{"ant": scene(0), "bee": scene(1)}}, Counted(), layers=layers, layer=layers[7])
w
"""
PATIENCE = 60


def test_the_next_picture_is_there_before_it_is_asked_for(show, kernel, painted, tmp_path):
    ran = tmp_path / "ran"
    explorer = show(COUNTED.format(file=str(ran)))
    kernel.run("1 + 1")
    before = len(ran.read_text().splitlines())
    explorer.layer.select_option("inner.stage3")
    explorer.expect_status("stage3")
    deadline = time.monotonic() + PATIENCE
    while len(ran.read_text().splitlines()) == before:
        assert time.monotonic() < deadline, "nothing was answered ahead"
        explorer.page.wait_for_timeout(50)
    explorer.picture("bee").click()
    explorer.expect_status("in bee")
    explorer.expect_pixels(painted())
    assert len(ran.read_text().splitlines()) == before + 1
