"""SCLC: laws in closed form, the window of slope two, traps, and when a mobility is refused."""

import numpy as np
import pytest

import peqled
from peqled.lab.readers import sclc_table
from peqled.lab.sclc import mott_gurney, murgatroyd
from peqled.lab.sclc.reduction import thickness_in
from peqled.lab.sclc.slope import quadratic_window, slope_map
from peqled.lab.sclc.trap_filled import trap_density, trap_filled_voltage

VOLTS = np.geomspace(0.05, 8.0, 120)
LAYER = {"permittivity": 3.5, "thickness": 100e-9}


def write(path, voltage, current, *, head=""):
    path.write_text(head + "\n".join(f"{v:.6g}\t{j:.8g}" for v, j in zip(voltage, current, strict=True)))
    return path


def test_sclc_mott_gurney_by_hand():
    """1e-8 m2/Vs, eps_r 3.5, 100 nm, 1 V: J = 9/8 x 3.5 x 8.854e-12 x 1e-8/1e-21 = 348.6 A/m2."""
    assert mott_gurney.current_density(np.array([1.0]), mobility=1e-8, **LAYER)[0] == pytest.approx(348.6, rel=1e-3)
    current = mott_gurney.current_density(VOLTS, mobility=1e-8, **LAYER)
    assert mott_gurney.mobility(VOLTS, current, **LAYER)[0] == pytest.approx(1e-8)


def test_sclc_murgatroyd_returns_both_parameters():
    current = murgatroyd.current_density(VOLTS, mobility=2e-9, gamma=3e-4, **LAYER)
    value, _, gamma, _ = murgatroyd.fit(VOLTS, current, **LAYER)
    assert (value, gamma) == (pytest.approx(2e-9, rel=1e-6), pytest.approx(3e-4, rel=1e-6))


def test_sclc_slope_map_and_window():
    """Ohmic below 0.5 V, quadratic above: slopes 1 and 2, the window lies in the quadratic part only."""
    current = 10.0 * VOLTS + 200.0 * VOLTS**2
    slopes = slope_map(VOLTS, current)
    exact = (10.0 * VOLTS + 400.0 * VOLTS**2) / current
    assert slopes[10:-10] == pytest.approx(exact[10:-10], abs=0.02)
    window = quadratic_window(VOLTS, slopes)
    assert VOLTS[window].min() > 0.4
    assert VOLTS[window].max() == pytest.approx(8.0)
    assert quadratic_window(VOLTS, np.full(VOLTS.size, 1.0)) is None
    assert quadratic_window(VOLTS[:20], np.full(20, 2.0)) is None  # a third of a decade is not enough


def test_sclc_trap_filled_limit():
    """Ohmic, then V^6 from 1 V, then V^2: the limit is where both lines meet, 1 V; the density is 2 eps V/(e L^2)."""
    current = np.where(VOLTS < 1.0, VOLTS, np.where(VOLTS < 2.0, VOLTS**6, 16.0 * VOLTS**2))
    limit = trap_filled_voltage(VOLTS, current, slope_map(VOLTS, current))
    assert limit == pytest.approx(1.0, rel=0.05)
    assert trap_density(1.0, **LAYER) == pytest.approx(2 * 3.5 * 8.854e-12 / (1.602e-19 * 1e-14), rel=1e-3)
    assert trap_filled_voltage(VOLTS, VOLTS**2, slope_map(VOLTS, VOLTS**2)) is None


def test_sclc_reduction_mobility_from_a_file(tmp_path):
    """1e-4 cm2/Vs in 80 nm, mA/cm2, thickness in the name: found to 1 %, assumptions flagged, hand-over in SI."""
    current = 0.1 * mott_gurney.current_density(VOLTS, mobility=1e-8, permittivity=3.5, thickness=80e-9)
    path = write(tmp_path / "hole-only_polymer_080nm_300K.txt", VOLTS, current)
    assert sclc_table.READER.sniff(path.read_bytes(), path.name) > 0.8
    reading = peqled.read(path)
    (row,) = reading.find("mobility_cm2_vs")
    assert row.value == pytest.approx(1e-4, rel=0.01)
    assert row.uncertainty == pytest.approx(1e-4 * np.hypot(0.09, 0.15), rel=0.05)
    assert set(row.flags) == {"SCLC_EPS", "READ_UNIT"}
    assert reading.value("transport_mobility_m2_vs") == pytest.approx(1e-8, rel=0.02)
    told = peqled.read(path, settings={"permittivity": 7.0, "thickness": "160 nm"})
    assert told.value("mobility_cm2_vs") == pytest.approx(1e-4 / 2 * 8, rel=0.01)


def test_sclc_reduction_built_in_voltage_is_taken_off(tmp_path):
    """A built-in voltage of 0.8 V steepens the raw curve beyond 2.1: refused; told, the mobility comes back."""
    volts = np.linspace(0.9, 8.0, 200)
    current = 0.1 * mott_gurney.current_density(volts - 0.8, mobility=1e-8, permittivity=3.5, thickness=80e-9)
    path = write(tmp_path / "EOD_080nm_300K.txt", volts, current)
    (refused,) = peqled.read(path).find("mobility_cm2_vs")
    assert (refused.value, "SCLC_SLOPE" in refused.flags) == ("refused", True)
    told = peqled.read(path, settings={"built_in_voltage": "0.8 V", "permittivity": 3.5})
    assert told.value("mobility_cm2_vs") == pytest.approx(1e-4, rel=0.02)


def test_sclc_reduction_perovskite_both_directions_and_current(tmp_path):
    """A perovskite is indicative only; a backward sweep 1.5 times higher is hysteresis; a current needs the area."""
    current = mott_gurney.current_density(VOLTS, mobility=1e-8, **LAYER)
    path = write(
        tmp_path / "CsPbBr3_EOD_100nm.txt",
        np.r_[VOLTS, VOLTS[::-1]],
        np.r_[current, 1.5 * current[::-1]],
        head="Voltage (V)\tCurrent Density (A/m2)\n",
    )
    reading = peqled.read(path)
    rows = reading.find("mobility_cm2_vs")
    assert [row.value for row in rows] == [pytest.approx(1e-4, rel=0.01), pytest.approx(1.5e-4, rel=0.01)]
    assert all("SCLC_ION" in row.flags for row in rows)
    assert "HYST" in reading.find("mobility_hysteresis")[0].flags
    path = write(tmp_path / "hole only 100nm.txt", VOLTS, 4e-6 * current, head="Voltage (V)\tCurrent (A)\n")
    assert peqled.read(path).find("mobility_cm2_vs")[0].flags == ("AREA",)
    assert peqled.read(path, settings={"area": "4 mm^2"}).value("mobility_cm2_vs") == pytest.approx(1e-4, rel=0.01)


def test_sclc_thickness_in_names():
    for name, metres in (("HOMO_PCDTBT_080nm_300K", 80e-9), ("1,2 um film", 1.2e-6), ("no thickness", np.nan)):
        assert thickness_in(name) == pytest.approx(metres, nan_ok=True)
