"""XML of instruments, read without trust: bounded size, no document type, no entities, namespaces left aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from peqled.lab.measurement import LabFileError

MAX_BYTES = 300_000_000


def parse(raw: bytes, path: Path) -> ElementTree.Element:
    """Root element.

    Raises:
        LabFileError: too large, with entities, or not well formed.
    """
    if len(raw) > MAX_BYTES:
        raise LabFileError(path, "size", f"{len(raw)} bytes", f"XML of at most {MAX_BYTES} bytes")
    if b"<!DOCTYPE" in raw[:65536] or b"<!ENTITY" in raw:
        raise LabFileError(path, "XML", "a document type or entity", "plain data")
    try:
        return ElementTree.fromstring(raw)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise LabFileError(path, "XML", str(error)[:80], "a well-formed document") from None


def local(element: ElementTree.Element) -> str:
    """Name without namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def all_named(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """All descendants of this local name."""
    return (element for element in root.iter() if local(element) == name)


def first(root: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """First descendant of this local name."""
    return next(all_named(root, name), None)


def text(root: ElementTree.Element, name: str, default: str = "") -> str:
    """Text of the first descendant of this local name."""
    found = first(root, name)
    return (found.text or "").strip() if found is not None else default


def number(root: ElementTree.Element, name: str) -> float | None:
    """Number in the first descendant of this local name (its text, or its attribute ``Value``)."""
    found = first(root, name)
    if found is None:
        return None
    try:
        return float((found.text or "").strip() or found.get("Value", ""))
    except ValueError:
        return None
