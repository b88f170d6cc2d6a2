"""The paper's qualitative statements as predicates on the twin's results: checked, never asserted.

Each takes the results of the improved flask and of the control and answers with a `Finding`: whether the statement
holds, and the numbers that say so. What counts as "narrow", "slow" or "Lambertian" is a choice and stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from peqled.result import read_value

VISIBLE_BAND = 0.005
"""A(3.15 eV)/A(4.5 eV) above which a band would be seen beside the noise of a spectrometer."""
ONE_ROUTE = 1e-3
"""Share of nuclei below which a route counts as closed."""
NEAR_UNITY = 0.9
LAMBERTIAN_TOLERANCE = 0.05


class Finding(NamedTuple):
    """Whether a statement holds, and the twin's numbers behind the answer."""

    holds: bool
    numbers: str


Statement = Callable[[xr.DataTree, xr.DataTree], Finding]


def _scalar(tree: xr.DataTree, name: str) -> float:
    return float(read_value(tree, name))


def _at(tree: xr.DataTree, name: str, time: float) -> float:
    return float(read_value(tree, name).sel(time=time, method="nearest"))


def cluster_share(tree: xr.DataTree) -> float:
    """Share of all nuclei that were born from clusters."""
    cluster, monomer = (float(read_value(tree, f"synthesis.nuclei_{route}")[-1]) for route in ("cluster", "monomer"))
    return cluster / (cluster + monomer) if cluster + monomer > 0 else float("nan")


def one_route(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """All nuclei of the improved flask come from monomer."""
    share = cluster_share(improved)
    return Finding(share < ONE_ROUTE, f"{share:.1e} of the nuclei from clusters")


def two_routes(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Both routes feed the control flask."""
    share = cluster_share(control)
    return Finding(
        ONE_ROUTE < share < 1 - ONE_ROUTE, f"{share:.1%} of the nuclei from clusters, {1 - share:.1%} from monomer"
    )


def narrow_and_green(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Green emission and a size spread below that of the control."""
    own, other = _scalar(improved, "nanocrystal.size_cv"), _scalar(control, "nanocrystal.size_cv")
    peak = _scalar(improved, "nanocrystal.pl_peak") * 1e9
    return Finding(own < other and 505 < peak < 530, f"size CV {own:.3f} against {other:.3f}, peak {peak:.0f} nm")


def clusters_vanish(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Cluster emission of the control is there at 0 s and below a hundredth of that after 2 s."""
    concentration = read_value(control, "synthesis.species_concentration").sel(species="Cl")
    before, after = float(concentration[0]), float(concentration.sel(time=2.0, method="nearest"))
    return Finding(
        before > 0 and after < 0.01 * before, f"clusters {before:.2g} mol/m3 of Pb at 0 s, {after:.2g} at 2 s"
    )


def dark_window(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Between 400 and 460 nm the improved flask emits less than a hundredth of its final light, at all three frames."""
    final = float(read_value(improved, "nanocrystal.insitu_dot_pl")[-1])
    window = [_at(improved, "nanocrystal.insitu_cluster_pl", time) / final for time in (0.0, 0.2, 2.0)]
    return Finding(max(window) < 0.01, "window over final emission: " + ", ".join(f"{share:.1e}" for share in window))


def _growth(tree: xr.DataTree) -> tuple[float, float, float]:
    """In-situ peak at 0.2, 2 and 600 s, nm."""
    early, short, late = (_at(tree, "nanocrystal.insitu_peak", time) * 1e9 for time in (0.2, 2.0, 600.0))
    return early, short, late


def slow_then_red(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The control grows less than the improved flask before 2 s and drifts to the red afterwards."""
    (early, short, late), (other_early, other_short, _) = _growth(control), _growth(improved)
    holds = short - early < other_short - other_early and late > short + 1.0
    return Finding(holds, f"peak {early:.0f}, {short:.0f}, {late:.0f} nm at 0.2, 2, 600 s")


def fast_then_smaller(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The improved flask grows faster than the control before 2 s, and its dots then shrink."""
    (early, short, late), (other_early, other_short, _) = _growth(improved), _growth(control)
    fast = short - early > other_short - other_early
    edges = [_at(improved, "synthesis.mean_edge", time) * 1e9 for time in (2.0, 600.0)]
    shrinks = edges[1] < edges[0]
    text = f"peak {early:.0f}, {short:.0f}, {late:.0f} nm at 0.2, 2, 600 s; "
    text += f"mean edge {edges[0]:.2f}, then {edges[1]:.2f} nm"
    missing = [] if fast else ["faster growth"]
    missing += [] if shrinks else ["the later decrease"]
    return Finding(fast and shrinks, text + (f"; not reproduced: {' and '.join(missing)}" if missing else ""))


def narrower_xrd(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The (100) line of the improved dots is narrower."""
    own, other = (np.degrees(_scalar(tree, "nanocrystal.xrd_fwhm")) for tree in (improved, control))
    return Finding(bool(own < other), f"(100) width {own:.2f}° against {other:.2f}°")


def narrower_pl(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The in-situ line of the improved flask is narrower at 0.2, 2 and 600 s."""
    pairs = [[_at(tree, "nanocrystal.insitu_fwhm", t) * 1e9 for tree in (improved, control)] for t in (0.2, 2.0, 600.0)]
    text = ", ".join(f"{own:.1f} against {other:.1f}" for own, other in pairs)
    return Finding(all(own < other for own, other in pairs), f"width at 0.2, 2, 600 s: {text} nm")


def narrower_dls(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The polydispersity of the improved dots is lower."""
    own, other = (_scalar(tree, "nanocrystal.polydispersity") for tree in (improved, control))
    return Finding(own < other, f"polydispersity {own:.3f} against {other:.3f}")


def fewer_traps(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """The improved film lives longer and emits more."""
    own, other = (_scalar(tree, "film.plqy") for tree in (improved, control))
    return Finding(own > other, f"film PLQY {own:.2f} against {other:.2f}")


def near_unity(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """PLQY of the improved dots of at least 0.9."""
    value = _scalar(improved, "nanocrystal.plqy")
    return Finding(value >= NEAR_UNITY, f"PLQY {value:.3f}")


def better_mobility(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Hopping in the improved film is at least three times faster."""
    own, other = (_scalar(tree, "film.mobility") * 1e4 for tree in (improved, control))
    return Finding(own > 3 * other, f"{own:.1e} against {other:.1e} cm2/Vs")


def lambertian(improved: xr.DataTree, control: xr.DataTree) -> Finding:
    """Lambertian factor within 5 % of 1."""
    factor = _scalar(improved, "led.lambertian_factor")
    return Finding(abs(factor - 1) <= LAMBERTIAN_TOLERANCE, f"Lambertian factor {factor:.3f}")


STATEMENTS: dict[str, Statement] = {
    statement.__name__: statement
    for statement in (
        one_route,
        two_routes,
        narrow_and_green,
        clusters_vanish,
        dark_window,
        slow_then_red,
        fast_then_smaller,
        narrower_xrd,
        narrower_pl,
        narrower_dls,
        fewer_traps,
        near_unity,
        better_mobility,
        lambertian,
    )
}
