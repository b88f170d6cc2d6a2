"""Measured files: recognised by content, read into the vocabulary, reduced with uncertainty, grouped and tabulated."""

from importlib import import_module
from typing import TYPE_CHECKING

_HOMES = {
    "Context": "measurement",
    "LabFileError": "measurement",
    "Measurement": "measurement",
    "Quantity": "measurement",
    "Reader": "measurement",
    "Reading": "reading",
    "formats": "reading",
    "read": "reading",
}
__all__ = ["Context", "LabFileError", "Measurement", "Quantity", "Reader", "Reading", "formats", "read"]

if TYPE_CHECKING:
    from peqled.lab.measurement import Context, LabFileError, Measurement, Quantity, Reader
    from peqled.lab.reading import Reading, formats, read


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'peqled.lab' has no attribute '{name}'")
    return getattr(import_module(f"peqled.lab.{_HOMES[name]}"), name)
