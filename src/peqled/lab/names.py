"""What the name of a file says: pixel, substrate, number of the sweep, direction."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["DEFAULT_RULES", "Place", "place", "plain"]

DEFAULT_RULES = (
    r"(?P<substrate>[A-Za-z])(?P<pixel>\d{1,2})-(?P<sweep>\d{1,2})",
    r"(?P<substrate>[A-Za-z]{0,12}[_\- ]?\d{1,4})[_\- ](?:p|px|pix|pixel|d|dev|device)?[_\- ]?"
    r"(?P<pixel>\d{1,2}|[A-Za-z])"
    r"(?:[_\- ](?:s|scan|sweep|run|r)?[_\- ]?(?P<sweep>\d{1,2}))?",
    r"(?P<substrate>[A-Za-z])(?P<pixel>\d{1,2})(?:[_\- ](?:s|scan|sweep|run|r)?(?P<sweep>\d{1,2}))?",
)
"""Names that laboratories use, tried in this order: ``A4-2`` (substrate A, pixel 4, sweep 2), ``S12_P3_2``, ``B2``."""
_KIND = (
    r"jvl|ivl|jv|iv|lv|lum|luminance|counts?|spd|spectr(?:um|a)|el|sweep|scan|data|raw|forward|reverse|fwd|rev|fw|bw"
    r"|up|down"
)
_SUFFIX = re.compile(rf"(?:[_\- .]+(?:{_KIND}))+$", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:jvl|ivl|jv|iv|lv|el|spd)[_\- ]+", re.IGNORECASE)


class Place(NamedTuple):
    """Substrate, pixel on it and sweep of the pixel; the pixel is the whole name where no rule fits."""

    substrate: str
    pixel: str
    sweep: int


def plain(name: str) -> str:
    """Name of the sample without the words that say what was measured: ``A1-1_counts`` is ``A1-1``."""
    return _PREFIX.sub("", _SUFFIX.sub("", name.strip())) or name


def place(name: str, rule: str | None = None) -> Place:
    """Substrate, pixel and sweep of a name by `rule` (a regular expression with groups of these names) or the
    defaults."""
    text = plain(name.rpartition("/")[2])
    for pattern in (rule,) if rule else DEFAULT_RULES:
        match = re.fullmatch(pattern, text)
        if match:
            parts = match.groupdict()
            substrate = parts.get("substrate") or ""
            sweep = int(parts["sweep"]) if (parts.get("sweep") or "").isdigit() else 1
            return Place(substrate, f"{substrate}{parts.get('pixel') or ''}", sweep)
    return Place("", text, 1)
