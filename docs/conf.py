"""How Sphinx makes the site: see decision 44."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_extensions")]

import xcnn_widgets  # noqa: E402

project = "xcnn-widgets"
author = "the authors of xcnn-widgets"
release = version = xcnn_widgets.__version__
language = "en"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_design",
    # Our own, in _extensions/.
    "beside_docs",
    "mathml",
    "live_widgets",
    "live_notebooks",
    "landing_widget",
]
exclude_patterns = ["_*"]
# Pages that stand elsewhere in the repository, by their place on the site.
beside_docs = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    **{f"course/{path.stem}": f"notebooks/{path.name}" for path in ROOT.glob("notebooks/*.ipynb")},
}

myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
# Stored outputs are shown as they are.
nb_execution_mode = "off"
nb_merge_streams = True
nb_number_source_lines = False

default_role = "py:obj"  # `name` in a docstring is a link where there is such a name
toc_object_entries_show_parents = "hide"  # long names leave the margin
autodoc_typehints = "none"  # numpydoc's lists have them
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "xcnn-widgets"
# Else the theme complains in the console until a reader chooses.
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_math_renderer = "mathml"
html_sourcelink_suffix = ""
html_show_sourcelink = True
html_theme_options = {
    "logo": {
        "text": "xcnn-widgets",
        "image_light": "_static/favicon.svg",
        "image_dark": "_static/favicon.svg",
        "alt_text": "",
    },
    "header_links_before_dropdown": 6,
    "navigation_depth": 3,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "search_bar_text": "Search",
}
html_sidebars = {"index": []}
html_copyright = None
copyright = author  # noqa: A001
