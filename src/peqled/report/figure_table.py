"""What a figure shows as a tidy table: every curve, point, bar and map with the names of its axes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["COLUMNS", "figure_csv"]

COLUMNS = ("panel", "series", "x_name", "x", "y_name", "y", "value")
_BYTE_ORDER_MARK = "\ufeff"  # by it spreadsheets and Origin know UTF-8
_MOST = 200_000  # rows; a longer table is no source of a figure that anyone reads


def figure_csv(figure: Any) -> str:
    """CSV text of the data of a matplotlib figure; `value` is filled for maps only."""
    buffer = io.StringIO()
    buffer.write(_BYTE_ORDER_MARK)
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for count, row in enumerate(_rows(figure)):
        if count >= _MOST:
            break
        writer.writerow(row)
    return buffer.getvalue()


def _rows(figure: Any) -> Iterator[tuple[object, ...]]:
    for number, axes in enumerate(figure.axes, 1):
        names = axes.get_xlabel(), axes.get_ylabel()
        for series, x, y, values in _series(axes):
            shown = np.full(len(x), "", dtype=object) if values is None else values
            for a, b, v in zip(x, y, shown, strict=True):
                yield number, series, names[0], _text(a), names[1], _text(b), _text(v)


def _series(axes: Any) -> Iterator[tuple[str, Any, Any, Any]]:
    """Name, abscissae, ordinates and values of everything drawn from data; guide lines across an axis are left out."""
    curves = [line for line in axes.lines if line.get_transform() == axes.transData]
    for number, line in enumerate(curves, 1):
        x, y = line.get_data(orig=False)
        yield _name(line, f"curve {number}"), np.ravel(x), np.ravel(y), None
    for number, points in enumerate((c for c in axes.collections if _is_points(c)), 1):
        at = np.asarray(points.get_offsets())
        yield _name(points, f"points {number}"), at[:, 0], at[:, 1], None
    for number, bars in enumerate(axes.containers, 1):
        patches = [p for p in getattr(bars, "patches", ()) if hasattr(p, "get_height")]
        if patches:
            centres = [p.get_x() + p.get_width() / 2 for p in patches]
            yield _name(bars, f"bars {number}"), centres, [p.get_y() + p.get_height() for p in patches], None
    for number, mesh in enumerate((c for c in axes.collections if hasattr(c, "get_coordinates")), 1):
        corners, values = np.asarray(mesh.get_coordinates()), np.ravel(np.asarray(mesh.get_array()))
        centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2 if corners[:-1, :-1, 0].size == values.size else corners
        yield f"map {number}", np.ravel(centres[..., 0]), np.ravel(centres[..., 1]), values


def _is_points(collection: Any) -> bool:
    return type(collection).__name__ == "PathCollection" and len(collection.get_offsets()) > 0


def _name(artist: Any, other: str) -> str:
    label = str(artist.get_label() or "")
    return other if label.startswith("_") or not label else label


def _text(value: Any) -> object:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.10g}" if np.isfinite(number) else ""
