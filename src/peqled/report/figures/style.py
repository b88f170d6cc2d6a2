"""The one style of every figure: colours, sizes, and SVG that is text where it can be and the same on every run."""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart with every common colour blindness (jfly.uni-koeln.de/color).
BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#1a1a1a",
)
PALETTE = (BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK)
GREY, PALE = "#6b6b6b", "#d9d9d9"
DASHES = ("-", "--", "-.", ":")
HALF, FULL = 85.0, 170.0
"""Widths of one and two journal columns, mm."""
MAP = "viridis"

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.3,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": f"cycler('color', {list(PALETTE)})",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "figure.dpi": 150,
    "savefig.dpi": 200,
    "image.cmap": MAP,
    "svg.fonttype": "none",
    "svg.hashsalt": "peqled",
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


class Drawing(Figure):
    """A figure that keeps the style when saved and that a notebook shows without pyplot."""

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save as matplotlib does, in the style of this module."""
        with rc_context(STYLE):
            super().savefig(*args, **kwargs)

    def _repr_svg_(self) -> str:
        return to_svg(self)


def to_svg(figure: Figure) -> str:
    """The figure as SVG text: no date, no document type, no reference to anything outside."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return re.sub(r"<!DOCTYPE[^>]*>\s*", "", buffer.getvalue())
