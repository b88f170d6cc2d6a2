"""Galactic (GRAMS) .SPC: new format (byte 1 = 0x4B), old LabCalc format (0x4D), 16- and 32-bit integers or floats.

Integers are fractions: ``y = integer 2^(exponent - bits)``; exponent 0x80 marks float32. The old format stores 32-bit
integers with their two 16-bit words exchanged. One or many spectra; an even axis, one common axis, or one per spectrum.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._spectrum import KINDS, spectrum_measurement
from peqled.lab.registry import Reader

NEW, OLD = 0x4B, 0x4D
_WORDS, _MANY, _TXYXYS, _TXVALS = 0x01, 0x04, 0x40, 0x80
MAX_BYTES = 300_000_000
MAX_SPECTRA = 2000
X_UNITS = {0: "1", 1: "cm-1", 2: "um", 3: "nm", 4: "s", 5: "min", 6: "Hz", 7: "kHz", 8: "MHz", 9: "m/z", 10: "ppm",
           11: "d", 12: "year", 13: "Raman shift cm-1", 14: "eV", 16: "diode", 17: "channel", 18: "deg", 19: "degF",
           20: "degC", 21: "K", 22: "point", 23: "ms", 24: "us", 25: "ns", 26: "GHz", 27: "cm", 28: "m", 29: "mm",
           30: "h"}  # fmt: skip
Y_UNITS = {0: "", 1: "interferogram", 2: "absorbance", 3: "Kubelka-Munk", 4: "counts", 5: "V", 6: "deg", 7: "mA",
           8: "mm", 9: "mV", 10: "log(1/R)", 11: "per cent", 12: "intensity", 13: "relative intensity", 14: "energy",
           16: "dB", 22: "refractive index", 23: "extinction coefficient", 24: "real part", 25: "imaginary part",
           128: "transmittance", 129: "reflectance", 130: "single beam", 131: "emission"}  # fmt: skip
METHODS = {1: "gas chromatogram", 2: "general chromatogram", 3: "HPLC chromatogram", 4: "FT-IR", 5: "near infrared",
           7: "UV-VIS", 8: "X-ray diffraction", 9: "mass spectrum", 10: "NMR", 11: "Raman", 12: "fluorescence",
           13: "atomic", 14: "chromatogram diode array"}  # fmt: skip
_LABELS = 0x20  # axis names of the file stand instead of the codes


@dataclass(frozen=True)
class Spectrum:
    """One spectrum as written: abscissa, ordinate, their units by code."""

    x: np.ndarray
    y: np.ndarray
    x_unit: str
    y_unit: str
    comment: str
    method: str = ""


class TruncatedError(ValueError):
    """The header announces more than the file holds."""


def _need(raw: bytes, end: int, what: str) -> None:
    if end > len(raw) or end < 0:
        raise TruncatedError(f"{what} ends at byte {end}, the file has {len(raw)}")


def _ordinate(raw: bytes, at: int, points: int, exponent: int, *, words: bool, swapped: bool) -> tuple[np.ndarray, int]:
    """Decode one ordinate block; returns it and the byte after it."""
    size = 2 if words and exponent != -128 else 4
    if not -128 <= exponent <= 127:
        raise TruncatedError(f"an exponent of {exponent}")
    _need(raw, at + size * points, "an ordinate block")
    if exponent == -128:
        return np.frombuffer(raw, "<f4", points, at).astype(float), at + 4 * points
    if words:
        return np.frombuffer(raw, "<i2", points, at) * 2.0 ** (exponent - 16), at + 2 * points
    if swapped:
        pairs = np.frombuffer(raw, "<u2", 2 * points, at).astype(np.int64).reshape(-1, 2)
        integers = ((pairs[:, 0] << 16) | pairs[:, 1]).astype(np.uint32).astype(np.int32)
    else:
        integers = np.frombuffer(raw, "<i4", points, at)
    return integers * 2.0 ** (exponent - 32), at + 4 * points


def parse(raw: bytes) -> list[Spectrum]:
    """All spectra of an SPC file.

    Raises:
        TruncatedError: the header announces more than there is.
    """
    _need(raw, 256, "the header")
    return _parse_old(raw) if raw[1] == OLD else _parse_new(raw)


def _parse_new(raw: bytes) -> list[Spectrum]:
    _need(raw, 512, "the header")
    flags, exponent = raw[0], struct.unpack_from("<b", raw, 3)[0]
    points, first, last, count = struct.unpack_from("<iddi", raw, 4)
    x_unit, y_unit = X_UNITS.get(raw[28], f"x type {raw[28]}"), Y_UNITS.get(raw[29], f"y type {raw[29]}")
    if flags & _LABELS:
        x_unit, y_unit = _labels(raw[218:248], x_unit, y_unit)
    method = METHODS.get(raw[2], "")
    comment = raw[88:218].split(b"\x00")[0].decode("latin-1").strip()
    own_axes, at = bool(flags & _TXYXYS), 512
    count = max(1, min(count, MAX_SPECTRA))
    if points < 0 or (not own_axes and points < 1):
        raise TruncatedError(f"{points} points")
    x = None
    if flags & _TXVALS and not own_axes:
        _need(raw, at + 4 * points, "the axis")
        x = np.frombuffer(raw, "<f4", points, at).astype(float)
        at += 4 * points
    elif not own_axes:
        _need(raw, 4 + min(points, len(raw)), "the points")
        if points > len(raw):
            raise TruncatedError(f"{points} points in {len(raw)} bytes")
        x = np.linspace(first, last, points)
    found = []
    for number in range(count):
        _need(raw, at + 32, f"the header of spectrum {number + 1}")
        own_exponent, own_points = struct.unpack_from("<b", raw, at + 1)[0], struct.unpack_from("<i", raw, at + 16)[0]
        at += 32
        scale = own_exponent if flags & _MANY or own_axes else exponent
        size = own_points if own_axes else points
        if size < 0:
            raise TruncatedError(f"{size} points in spectrum {number + 1}")
        axis = x
        if own_axes:
            _need(raw, at + 4 * size, f"the axis of spectrum {number + 1}")
            axis = np.frombuffer(raw, "<f4", size, at).astype(float)
            at += 4 * size
        y, at = _ordinate(raw, at, size, scale, words=bool(flags & _WORDS), swapped=False)
        found.append(Spectrum(np.asarray(axis), y, x_unit, y_unit, comment, method))
    return found


def _labels(text: bytes, x_unit: str, y_unit: str) -> tuple[str, str]:
    """Axis names that the file brings itself: three strings, each ended by a zero; empty ones keep the code's."""
    parts = [part.decode("latin-1").strip() for part in text.split(b"\x00")]
    named = [*parts, "", ""]
    unit = next((u for u, words in _NAMED.items() if re.search(words, named[0], re.IGNORECASE)), x_unit)
    return unit, named[1] or y_unit


_NAMED = {"Raman shift cm-1": r"raman", "cm-1": r"wave ?number|cm-1|1/cm", "nm": r"nanomet|\(nm\)|wavelength", 
          "um": r"micromet|micron"}  # fmt: skip


def _parse_old(raw: bytes) -> list[Spectrum]:
    flags = raw[0]
    exponent, points, first, last = struct.unpack_from("<hfff", raw, 2)
    x_unit, y_unit = X_UNITS.get(raw[16] & 0x7F, f"x type {raw[16]}"), Y_UNITS.get(raw[17], f"y type {raw[17]}")
    if not 1.0 <= points <= len(raw):
        raise TruncatedError(f"{points} points in {len(raw)} bytes")
    size, at, found = int(points), 256, []
    comment = raw[64:194].split(b"\x00")[0].decode("latin-1").strip()
    x = np.linspace(first, last, size)
    own = exponent
    while len(found) < MAX_SPECTRA:
        code = -128 if own in (0x80, -128) else own
        y, at = _ordinate(raw, at, size, code, words=bool(flags & _WORDS), swapped=True)
        found.append(Spectrum(x, y, x_unit, y_unit, comment))
        if not flags & _MANY or at + 32 + 2 * size > len(raw):
            break
        own = struct.unpack_from("<b", raw, at + 1)[0] or exponent
        at += 32
    return found


def _sniff(head: bytes, name: str) -> float:
    if len(head) < 256 or head[1] not in (NEW, OLD) or head.startswith(b"PK\x03\x04"):
        return 0.0
    try:
        if head[1] == NEW:
            points, first, last = struct.unpack_from("<idd", head, 4)
        else:
            points, first, last = struct.unpack_from("<fff", head, 4)
    except struct.error:
        return 0.0
    sane = (
        0 <= points < 1e8
        and all(np.isfinite(v) and abs(v) < 1e9 for v in (first, last))
        and (first != last or head[0] & _TXYXYS)
    )
    if not sane:
        return 0.0
    return 0.95 if name.lower().endswith(".spc") else 0.7 if head[1] == NEW and head[28] < 40 else 0.35


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    try:
        with np.errstate(all="ignore"):  # a damaged float may be a signalling NaN
            spectra = parse(path.read_bytes())
    except (TruncatedError, struct.error) as error:
        raise LabFileError(path, "header", str(error), "a complete SPC file") from None
    count = len(spectra)
    names = [path.stem if count == 1 else f"{path.stem} [{i}]" for i in range(1, count + 1)]
    whole = [(s, name) for s, name in zip(spectra, names, strict=True) if s.x.size >= 2]  # mass spectra may be empty
    return [_measurement(path, s, name) for s, name in whole]


def _measurement(path: Path, spectrum: Spectrum, name: str) -> Measurement:
    return spectrum_measurement(
        name=name,
        abscissa=spectrum.x,
        values=spectrum.y,
        unit=spectrum.x_unit,
        said=spectrum.y_unit,
        source=path,
        reader="galactic_spc",
        method=spectrum.method,
        metadata={"comment": spectrum.comment},
    )


READER = Reader(
    name="galactic_spc",
    title="Galactic GRAMS spectrum (.spc, new and old format)",
    kinds=KINDS,
    suffixes=(".spc",),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: spc-spectra",
    note="old format and 16-bit integers: unverified",
)
