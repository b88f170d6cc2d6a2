"""Libraries of the extra ``lab``: what is said where one is not installed. Everything that needs none works without."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["INSTALL", "installed", "missing_library", "needs"]

INSTALL = "pip install 'peqled[lab]'"
LIBRARIES = ("iminuit", "olefile", "openpyxl", "ptufile", "pybaselines", "skimage", "sdtfile")


def needs(what: str, library: str) -> str:
    """The sentence that a person reads: what does not work, and what to type."""
    return f"{what} needs {INSTALL} ('{library}' is not installed)"


def missing_library(error: BaseException) -> str | None:
    """Name of the library of the extra that an import did not find, None for any other error."""
    name = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    return name if name in LIBRARIES else None


def installed(library: str) -> bool:
    """Whether a library is there, without importing it."""
    try:
        return find_spec(library) is not None
    except ValueError:  # taken out of the interpreter
        return False
