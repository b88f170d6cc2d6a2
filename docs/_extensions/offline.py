"""Fail the build where a page would ask the network for anything: scripts, styles, fonts and pictures are local."""

import re
from pathlib import Path

from sphinx.errors import ExtensionError

_OUTSIDE = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^>]*>")


def check(app, exception):
    """Look through all pages that were written."""
    if exception is not None or app.builder.format != "html":
        return
    for page in sorted(Path(app.outdir).rglob("*.html")):
        if found := _OUTSIDE.search(page.read_text(encoding="utf-8")):
            raise ExtensionError(f"{page.name} asks the network: {found[0]}")


def setup(app):
    app.connect("build-finished", check)
    return {"version": "1", "parallel_read_safe": True}
