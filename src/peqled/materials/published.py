"""Lifetimes that others have published with the luminance they started from, to hold predictions against."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "published_lifetimes.toml"


@dataclass(frozen=True, kw_only=True)
class PublishedLifetime:
    """A T50 (s) at an initial luminance (cd/m^2), where it is from, and what must be known to read it."""

    device: str
    t50: float
    luminance: float
    source: str
    evidence: str
    note: str


@lru_cache(maxsize=1)
def published_lifetimes() -> tuple[PublishedLifetime, ...]:
    """All entries, in the order of the file."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["device"]
    return tuple(
        PublishedLifetime(
            device=entry["name"],
            t50=entry["t50_hours"] * 3600.0,
            luminance=entry["luminance"],
            source=entry["source"],
            evidence=entry["evidence"],
            note=entry["note"],
        )
        for entry in entries
    )
