"""Measured index tables: read the files that people have, never extrapolate, write one that everybody can read.

Read: text with columns lambda n, lambda n k, or lambda n k n_e k_e (uniaxial), also Setfos ``.nk``, with any header and
``#`` comments; the CSV export of refractiveindex.info (a block ``wl,n``, then ``wl,k``) and its YAML pages; and a
folder of OghmaNano with ``n.csv`` and ``alpha.csv`` (SI). The unit of the wavelength is told from the numbers (m, um,
nm) unless it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Complex, Float

from peqled.materials.dispersion import IndexDataError
from peqled.materials.index import IndexRangeError

__all__ = ["UNITS_OF_LENGTH", "MeasuredIndex", "read_index", "write_index"]

UNITS_OF_LENGTH = {"m": 1.0, "um": 1e-6, "nm": 1e-9, "angstrom": 1e-10}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?"
_ROW = re.compile(rf"^\s*{_NUMBER}(?:[\s,;]+{_NUMBER})+\s*[,;]?\s*$")


@dataclass(frozen=True, kw_only=True)
class MeasuredIndex:
    """n + ik on an ascending grid; ``extraordinary`` is the index along the optic axis of a uniaxial material."""

    wavelength: Float[np.ndarray, " wavelength"]  # m
    index: Complex[np.ndarray, " wavelength"]
    extraordinary: Complex[np.ndarray, " wavelength"] | None = None
    name: str = ""
    warnings: tuple[str, ...] = ()

    def at(self, wavelength: Float[np.ndarray, "*shape"]) -> Complex[np.ndarray, "*shape"]:
        """Index at wavelengths (m), linear between rows; `IndexRangeError` outside the table."""
        return self._interpolate(wavelength, self.index)

    def extraordinary_at(self, wavelength: Float[np.ndarray, "*shape"]) -> Complex[np.ndarray, "*shape"]:
        """Index along the optic axis; that in the plane where the material is isotropic."""
        return self._interpolate(wavelength, self.index if self.extraordinary is None else self.extraordinary)

    def _interpolate(self, wavelength: np.ndarray, values: np.ndarray) -> np.ndarray:
        asked, low, high = np.asarray(wavelength, float), self.wavelength[0], self.wavelength[-1]
        if np.any((asked < low * (1 - 1e-9)) | (asked > high * (1 + 1e-9)) | ~np.isfinite(asked)):
            span = f"{np.min(asked) * 1e9:.4g} to {np.max(asked) * 1e9:.4g} nm asked"
            raise IndexRangeError(f"{self.name}: {span}, table from {low * 1e9:.4g} to {high * 1e9:.4g} nm")
        return np.interp(asked, self.wavelength, values.real) + 1j * np.interp(asked, self.wavelength, values.imag)


def read_index(path: str | Path, *, unit: str | None = None) -> MeasuredIndex:
    """The index table of a file or OghmaNano folder. Raises `IndexDataError`, naming the file, for what is not one."""
    path = Path(path)
    if unit is not None and unit not in UNITS_OF_LENGTH:
        raise IndexDataError(f"unit {unit!r}; expected one of {', '.join(UNITS_OF_LENGTH)}")
    if path.is_dir():
        return _from_oghma(path)
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise IndexDataError(f"{path}: cannot be read ({error.strerror})") from error
    if path.suffix.lower() in (".yml", ".yaml"):
        return _from_yaml(path.stem, text)
    blocks = _blocks(text)
    if not blocks:
        raise IndexDataError(f"{path.name}: no rows of numbers; expected columns wavelength, n and k")
    if len(blocks) == 2 and all(block.shape[1] == 2 for block in blocks):
        return _joined(path.name, *blocks, unit=unit)
    if len(blocks) > 1:
        raise IndexDataError(
            f"{path.name}: {len(blocks)} tables of numbers; expected one, or a block of n and one of k"
        )
    return _from_columns(path.name, blocks[0], unit)


def write_index(path: str | Path, table: MeasuredIndex) -> None:
    """CSV with wavelength in nm, n, k and, of a uniaxial material, n_e, k_e; `read_index` reads it."""
    columns = [table.wavelength * 1e9, table.index.real, table.index.imag]
    header = ["# wavelength (nm)", "n", "k"]
    if table.extraordinary is not None:
        columns += [table.extraordinary.real, table.extraordinary.imag]
        header += ["n_e", "k_e"]
    rows = [", ".join(f"{value:.10g}" for value in row) for row in np.stack(columns, 1)]
    Path(path).write_text("\n".join([", ".join(header), *rows]) + "\n", encoding="utf-8")


def _blocks(text: str) -> list[np.ndarray]:
    """Runs of rows of numbers with equally many columns; what stands between them (headers, comments) is dropped."""
    blocks: list[list[list[float]]] = []
    open_block = False
    for line in text.splitlines():
        line = line.split("#", 1)[0]
        if not _ROW.match(line):
            open_block = open_block and not line.strip()
            continue
        row = [float(x.replace("d", "e").replace("D", "e")) for x in re.findall(_NUMBER, line)]
        if not open_block or len(blocks[-1][-1]) != len(row):
            blocks.append([])
        blocks[-1].append(row)
        open_block = True
    return [np.array(block) for block in blocks]


def _from_columns(name: str, rows: np.ndarray, unit: str | None) -> MeasuredIndex:
    """2 columns: n, and k = 0 with a warning; 3: n and k; 5: uniaxial."""
    count = rows.shape[1]
    if count not in (2, 3, 5):
        raise IndexDataError(
            f"{name}: {count} columns; expected wavelength n, wavelength n k or wavelength n k n_e k_e"
        )
    index = rows[:, 1] + (1j * rows[:, 2] if count > 2 else 0j)
    along = rows[:, 3] + 1j * rows[:, 4] if count == 5 else None
    said = () if count > 2 else (f"{name}: the table holds n alone; k = 0 is used",)
    return _checked(name, rows[:, 0] * _scale(name, rows[:, 0], unit), index, along, said)


def _joined(name: str, n: np.ndarray, k: np.ndarray, *, unit: str | None) -> MeasuredIndex:
    """A block of n and a block of k on their own grids: k is interpolated to the grid of n where it is known."""
    scale = _scale(name, n[:, 0], unit)
    low, high = max(n[:, 0].min(), k[:, 0].min()), min(n[:, 0].max(), k[:, 0].max())
    kept = n[(n[:, 0] >= low) & (n[:, 0] <= high)]
    order = np.argsort(k[:, 0])
    index = kept[:, 1] + 1j * np.interp(kept[:, 0], k[order, 0], k[order, 1])
    cut = len(n) - len(kept)
    said = (f"{name}: {cut} rows of n outside the range of k are left out",) if cut else ()
    return _checked(name, kept[:, 0] * scale, index, None, said)


def _from_oghma(folder: Path) -> MeasuredIndex:
    """n.csv and alpha.csv over wavelength in m; k = alpha lambda/(4 pi), alpha in 1/m."""
    tables = []
    for part in ("n.csv", "alpha.csv"):
        if not (folder / part).is_file():
            raise IndexDataError(f"{folder.name}: no {part}; an OghmaNano material has n.csv and alpha.csv")
        blocks = _blocks((folder / part).read_text(encoding="utf-8", errors="replace"))
        if len(blocks) != 1 or blocks[0].shape[1] != 2:
            raise IndexDataError(f"{folder.name}/{part}: expected one table of two columns")
        tables.append(blocks[0])
    n, alpha = tables
    alpha[:, 1] *= alpha[:, 0] / (4.0 * np.pi)
    return _joined(folder.name, n, alpha, unit="m")


def _from_yaml(name: str, text: str) -> MeasuredIndex:
    """A page of the database: tabulated n and k, together or apart, in um."""
    import yaml

    try:
        entries = yaml.safe_load(text)["DATA"]
        tables = {entry["type"]: np.array([row.split() for row in entry["data"].split("\n") if row], float)
                  for entry in entries if entry["type"].startswith("tabulated")}  # fmt: skip
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise IndexDataError(f"{name}: not a page of the index database ({error})") from error
    if "tabulated nk" in tables:
        return _from_columns(name, tables["tabulated nk"], "um")
    if {"tabulated n", "tabulated k"} <= set(tables):
        return _joined(name, tables["tabulated n"], tables["tabulated k"], unit="um")
    if "tabulated n" in tables:
        return _from_columns(name, tables["tabulated n"], "um")
    raise IndexDataError(
        f"{name}: no table of n, but a formula; name the page (shelf, book, page) in a data file instead"
    )


def _scale(name: str, wavelength: np.ndarray, unit: str | None) -> float:
    """Metres per unit; told from the numbers where no unit is given: optical wavelengths are 50 nm to 50 um."""
    if unit is not None:
        return UNITS_OF_LENGTH[unit]
    fitting = [s for s in (1.0, 1e-6, 1e-9) if wavelength.min() * s >= 5e-8 and wavelength.max() * s <= 5e-5]
    if len(fitting) != 1:
        span = f"{wavelength.min():.4g} to {wavelength.max():.4g}"
        raise IndexDataError(f"{name}: wavelengths {span} in no unit that is told from the numbers; give unit=")
    return fitting[0]


def _checked(name: str, wavelength, index, along, said: tuple[str, ...]) -> MeasuredIndex:
    """Ascending, without repeated wavelengths, n > 0 and k >= 0 everywhere."""
    order = np.argsort(wavelength)
    wavelength, index = wavelength[order], np.asarray(index, complex)[order]
    along = None if along is None else np.asarray(along, complex)[order]
    if wavelength.size < 2 or np.any(np.diff(wavelength) <= 0.0):
        raise IndexDataError(f"{name}: expected two rows or more, and no wavelength twice")
    for values in (index, *(() if along is None else (along,))):
        bad = ~np.isfinite(values) | (values.real <= 0.0) | (values.imag < 0.0)
        if bad.any():
            i = int(np.argmax(bad))
            raise IndexDataError(f"{name}: {values[i]:.4g} at {wavelength[i] * 1e9:.1f} nm; expected n > 0 and k >= 0")
    return MeasuredIndex(wavelength=wavelength, index=index, extraordinary=along, name=name, warnings=said)
