"""Sphinx configuration. The build needs no network: mathematics and icons are bundled, nothing is cross-linked."""

import sys
import typing
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent / "src")]
typing.GENERATING_DOCUMENTATION = True  # jaxtyping then prints `Float[Array, "node"]` as it was written

import peqled  # noqa: E402

project = "peqled"
author = "The peqled developers"
copyright = "2026, the peqled developers"
version = release = peqled.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "generated_pages",
    "offline",
    "plain_docstrings",
]
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_extensions"]

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True
add_module_names = False
highlight_language = "text"
suppress_warnings = ["ref.python"]  # two rooms may use one name: the Device of a recipe, the Device of transport
maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["peqled.css"]
# pages without pages below them need no list of these
html_sidebars = {page: [] for page in ("[a-z]*", "physics/index", "decisions/index", "api/index")} | {
    f"{folder}/[a-z0-9]*": ["sidebar-nav-bs"] for folder in ("physics", "decisions", "api")
}
html_title = "peqled"
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "show_toc_level": 2,
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_show_sourcelink = False
html_copy_source = False
