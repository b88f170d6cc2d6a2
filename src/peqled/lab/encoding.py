"""Bytes to text: UTF-8 with or without byte-order mark, UTF-16, GB 18030, cp1252; workbooks as tab-separated text.

The marks by which Origin raises, lowers and slants letters become plain text: ``cm\\+(-2)`` is ``cm^-2``.
"""

from __future__ import annotations

import re
from pathlib import Path

from peqled.lab.foreign import WORDS
from peqled.lab.measurement import LabFileError

__all__ = ["ZIP", "NotText", "decode", "head_of"]

ZIP = b"PK\x03\x04"


class NotText(ValueError):
    """The bytes are no text in any of the encodings that instruments write."""


def decode(data: bytes) -> tuple[str, str]:
    """Text and name of the encoding.

    Raises:
        NotText: too many control characters for any of the encodings.
    """
    text, encoding = _decoded(data)
    return (_unmarked(text) if "\\" in text else text), encoding


_MARK = re.compile(r"\\([-+=ibug])\(([^()\\]{0,20})\)")
_GREEK = str.maketrans("abgdeqlmnpstw", "αβγδεθλμνπστω")


def _unmarked(text: str) -> str:
    """Text without the marks of Origin."""

    def plain(match: re.Match[str]) -> str:
        how, inside = match[1], match[2]
        return (
            f"^{inside}"
            if how == "+"
            else f"_{inside}"
            if how == "-"
            else inside.translate(_GREEK)
            if how == "g"
            else inside
        )

    return _MARK.sub(plain, text)


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    even, odd = data[:4000:2], data[1:4000:2]
    if data and even and odd and (odd.count(0) > 0.4 * len(odd)) != (even.count(0) > 0.4 * len(even)):
        encoding = "utf-16-le" if odd.count(0) > even.count(0) else "utf-16-be"
        return data.decode(encoding, errors="replace"), encoding
    if data.count(0) or _controls(data) > 0.02 * len(data):
        raise NotText("binary content")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # a character cut at the end of the head
            return data[: error.start].decode("utf-8"), "utf-8"
    if sum(byte > 0x7F for byte in data[:20000]) > 0.25 * len(data[:20000]):
        raise NotText("binary content")
    chinese = data.decode("gb18030", errors="replace")
    if any(word in chinese for word in WORDS):
        return chinese, "gb18030"
    return data.decode("cp1252", errors="replace"), "cp1252"


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, bytes({*range(32)} - {9, 10, 12, 13, 26})))


def head_of(path: Path, size: int = 65536) -> bytes:
    """First bytes of a file; of a workbook, its first rows as tab-separated UTF-8 text."""
    with path.open("rb") as file:
        head = file.read(size)
    if head.startswith(ZIP):
        from peqled.lab.workbook import WorkbookError, is_workbook, sheets

        try:
            if is_workbook(path):
                rows = ["\t".join(row) for _, lines in sheets(path, limit=400) for row in lines]
                return "\n".join(rows).encode()[:size] or b"\n"
        except WorkbookError as error:
            raise LabFileError(path, "workbook", str(error), "a workbook of ordinary size") from None
    return head
