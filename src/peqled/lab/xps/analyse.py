"""One region: window, background, fit; the position of the maximum as the answer that needs no model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from peqled.lab.measurement import Measurement
from peqled.lab.thinning import spread_indices
from peqled.lab.xps.background import BACKGROUNDS
from peqled.lab.xps.core_levels import CoreLevel, level_name, level_of
from peqled.lab.xps.fit import LevelFit, fit_level

MAX_POINTS = 5000  # of a fit
BELOW, ABOVE = 5.0, 6.0  # eV kept around a level
FAR = 0.1  # weight of a maximum far from the level's place: charging may move it there, a neighbour may be meant
COMPONENTS = {"Pb 4f": 2, "S 2p": 2}  # doublets that show two states in these devices


@dataclass(frozen=True)
class Region:
    """An analysed region.

    Attributes:
        energy, intensity: the window that was fitted (ascending binding energy, eV).
        background: drawn or computed background in the window.
        background_name: its name.
        spread: half the range of position, area, splitting and ratio over the backgrounds tried.
        foreign: positions (eV) of fitted lines that lie too far off to belong to the level.
    """

    measurement: Measurement
    level: CoreLevel | None
    maximum: float
    maximum_intensity: float
    step: float
    energy: np.ndarray
    intensity: np.ndarray
    background: np.ndarray
    background_name: str
    fit: LevelFit | None
    spread: dict[str, float]
    foreign: tuple[float, ...] = ()

    @property
    def position_uncertainty(self) -> float:
        """Standard uncertainty of the main position (eV): fit, choice of background, resolution of the axis."""
        if self.fit is None:
            return self.step / 12.0**0.5
        parts = (float(np.ravel(self.fit.uncertainty["position"])[0]), self.spread["position"], 0.1 * self.step)
        return float(np.sqrt(sum(part**2 for part in parts)))


def analyse(measurement: Measurement, *, background: str = "shirley", asymmetric: str = "") -> Region:
    """Analyse a region on a binding-energy axis; without a known level only the maximum is given.

    `asymmetric` names lines of metal: ``"Pb 4f 2"`` the second component (largest first), ``"Au 4f"`` all of them,
    several parted by commas, ``"none"``; "" lets the data decide for lead.
    """
    data = measurement.data
    energy = data["binding_energy"].to_numpy()
    intensity = data["lab.xps_intensity"].to_numpy()
    top = int(np.argmax(intensity))
    step = float(np.median(np.diff(energy)))
    names = (measurement.name, str(measurement.metadata.get("block_name", "")))
    level = next((found for name in names if (found := level_of(name, energy[0], energy[-1]))), None)
    if level is None or energy[-1] - energy[0] > 60.0:
        empty = np.zeros(0)
        return Region(measurement, None, energy[top], intensity[top], step, energy, intensity, empty, "", None, {})
    level, keep = _window(energy, intensity, level)
    if keep.sum() > MAX_POINTS:
        few = np.zeros_like(keep)
        few[np.flatnonzero(keep)[spread_indices(int(keep.sum()), limit=MAX_POINTS)]] = True
        keep = few
    drawn = data["lab.xps_background"].to_numpy()[keep] if "lab.xps_background" in data else None
    chosen = _metallic(asymmetric, level)
    return _fitted(measurement, level, energy[keep], intensity[keep], drawn, background, (energy[top], step), chosen)


def _metallic(told: str, level: CoreLevel) -> tuple[int, ...] | None:
    """Components of a level (from 0) that a setting names as lines of metal; None where it names no level at all.

    Raises:
        ValueError: it is none of the forms.
    """
    if not told.strip():
        return None
    found: list[int] = []
    for part in told.split(","):
        name, number = level_name(part), re.fullmatch(r".*[spdf](?:\s*[1357]/2)?\s+([1-9])\s*", part)
        if name is None and part.strip().lower() != "none":
            raise ValueError(f"asymmetric: '{part.strip()}', expected a level and a component ('Pb 4f 2'), or 'none'")
        if name == level.name:
            found += [int(number[1]) - 1] if number else range(9)
    return tuple(dict.fromkeys(found))


def seconds_of(measurement: Measurement) -> float:
    """Counting time of a point (s), 1 where the file does not say it."""
    told = measurement.metadata.get("seconds_per_point")
    return float(told) if isinstance(told, int | float) and np.isfinite(told) and told > 0.0 else 1.0


def _window(energy: np.ndarray, intensity: np.ndarray, level: CoreLevel) -> tuple[CoreLevel, np.ndarray]:
    """Window about the stronger line; a doublet whose weaker line lies outside is fitted as a single line."""
    signal = np.convolve(intensity - np.interp(energy, energy[[0, -1]], intensity[[0, -1]]), np.ones(5) / 5.0, "same")
    partner = level.ratio * np.interp(energy + level.splitting, energy, signal, right=0.0) if level.doublet else 0.0
    nearness = FAR + (1.0 - FAR) * np.exp(-0.5 * (1.5 * (energy - level.position) / level.reach) ** 2)
    centre = float(energy[np.argmax((signal + partner) * nearness)])
    keep = (energy >= centre - BELOW) & (energy <= centre + level.splitting + ABOVE)
    if level.doublet and energy[-1] < centre + level.splitting + 0.5:
        level = replace(level, splitting=0.0, ratio=0.0)
    return level, keep


def _fitted(
    measurement: Measurement,
    level: CoreLevel,
    energy: np.ndarray,
    intensity: np.ndarray,
    drawn: np.ndarray | None,
    background: str,
    top: tuple[float, float],
    asymmetric: tuple[int, ...] | None,
) -> Region:
    seconds = seconds_of(measurement) if measurement.metadata.get("is_rate") else 1.0
    noise = np.sqrt(np.maximum(intensity * seconds, 1.0)) / seconds
    noise = np.maximum(noise, 1e-6 * max(float(np.abs(intensity).max()), 1e-300))
    components = 1 if drawn is not None else 3 if not level.doublet else COMPONENTS.get(level.name, 1)
    chosen = drawn if drawn is not None else BACKGROUNDS[background](energy, intensity)
    fit = fit_level(energy, intensity - chosen, noise, level, max_components=components, asymmetric=asymmetric)
    spread = _spread(energy, intensity, noise, level, fit)
    fit, foreign = _own_lines(fit, level)
    name = "background of the file" if drawn is not None else background
    maximum = float(intensity[np.argmax(intensity)])
    return Region(measurement, level, top[0], maximum, top[1], energy, intensity, chosen, name, fit, spread, foreign)


def _own_lines(fit: LevelFit | None, level: CoreLevel) -> tuple[LevelFit | None, tuple[float, ...]]:
    """Leave out lines too far from the level to be its own (Mo 3p beside N 1s), unless all are (charging)."""
    if fit is None or len(fit.positions) < 2:
        return fit, ()
    own = np.abs(fit.positions - level.position) <= level.reach + 1.0
    if own.all() or not own.any():
        return fit, ()
    kept: dict[str, np.ndarray | float] = dict(fit.uncertainty)
    for key in ("position", "area", "asymmetry"):
        kept[key] = np.asarray(fit.uncertainty[key])[own]
    foreign = tuple(float(p) for p in fit.positions[~own])
    lines = {"positions": fit.positions[own], "areas": fit.areas[own], "asymmetry": fit.asymmetry[own]}
    return replace(fit, **lines, uncertainty=kept), foreign


def _spread(
    energy: np.ndarray, intensity: np.ndarray, noise: np.ndarray, level: CoreLevel, fit: LevelFit | None
) -> dict[str, float]:
    """Half the range over linear, Shirley and Tougaard backgrounds, with as many components as the chosen fit."""
    nothing = {"position": 0.0, "area": 0.0, "splitting": 0.0, "ratio": 0.0}
    if fit is None:
        return nothing
    count, metal = len(fit.positions), tuple(int(i) for i in np.flatnonzero(fit.asymmetry))
    tried = [
        fit_level(energy, intensity - draw(energy, intensity), noise, level, max_components=count, asymmetric=metal)
        for draw in BACKGROUNDS.values()
    ]
    found = [other for other in tried if other is not None and len(other.positions) == len(fit.positions)]
    if not found:
        return nothing

    def half_range(values: list[float]) -> float:
        return 0.5 * (max(values) - min(values))

    return {
        "position": half_range([float(f.positions[0]) for f in (fit, *found)]),
        "area": half_range([float(f.areas.sum()) for f in (fit, *found)]),
        "splitting": half_range([f.splitting for f in (fit, *found)]),
        "ratio": half_range([f.ratio for f in (fit, *found)]),
    }
