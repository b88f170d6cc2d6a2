"""Stability of emission: crossings against closed forms, both normalisations, censoring, dialects."""

import numpy as np
import pytest

from peqled.lab.reading import read
from peqled.lab.stability.crossing import crossing


def test_crossing_of_an_exponential():
    """exp(-t/10 h) sampled every 0.1 h: half at 6.9315 h; the straight line between samples is late by 1e-5 of the
    step^2."""
    t = np.arange(0, 20.05, 0.1)
    found = crossing(t, np.exp(-t / 10), 0.5)
    assert found.reached
    assert found.time == pytest.approx(10 * np.log(2), abs=2e-4)
    assert found.u == pytest.approx(0.1 / np.sqrt(12))
    assert crossing(t, np.exp(-t / 100), 0.5) == (pytest.approx(20.0), pytest.approx(np.nan, nan_ok=True), False)


def test_dip_before_the_rise_counts_for_the_start_only():
    t = np.arange(6.0)
    y = np.array([1.0, 0.8, 2.0, 1.5, 0.9, 0.4])
    assert crossing(t, y, 0.9).time == pytest.approx(0.5)
    assert crossing(t, y, 0.9 * 2, first=2).time == pytest.approx(2.4)


@pytest.mark.parametrize("dialect", ["hours", "german minutes", "words", "days"])
def test_dialects(tmp_path, dialect):
    """The same 16 h trace falling to 90 % at 8 h: units in the header, decimal comma, words among the numbers."""
    hours = np.arange(0, 16.01, 0.5)
    y = 1000.0 * (1 - 0.1 * hours / 8)
    if dialect == "german minutes":
        text = "Zeit [min];PL\n" + "\n".join(
            f"{h * 60:.0f};{v:.1f}".replace(".", ",") for h, v in zip(hours, y, strict=True)
        )
    elif dialect == "words":
        text = ",t,flag,PLQY\n" + "\n".join(
            f"{i},{h * 3600},False,{v}" for i, (h, v) in enumerate(zip(hours, y, strict=True))
        )
    elif dialect == "days":
        text = "Time (d)\tPL intensity (a.u.)\n" + "\n".join(
            f"{h / 24:.8f}\t{v}" for h, v in zip(hours, y, strict=True)
        )
    else:
        text = "time (h),PL intensity\n" + "\n".join(f"{h},{v}" for h, v in zip(hours, y, strict=True))
    (tmp_path / "film 25C_80RH_air.csv").write_text(text)
    found = read(tmp_path)
    for reference in ("start", "max"):
        assert found.value(f"t90_{reference}_h") == pytest.approx(8.0, abs=0.01)
        (row,) = found.find(f"t50_{reference}_h")
        assert "CENS" in row.flags
        assert row.value == "> 16"
    assert ("READ_UNIT" in row.flags) == (dialect == "words")
    (measurement,) = found.measurements
    assert measurement.metadata["humidity"] == "80 %"
    assert float(measurement.data["film.pl_retained"][0]) == 1.0


def test_light_soaking_gives_both_normalisations(tmp_path):
    """Doubles by 1 h, then falls linearly to a quarter of the maximum at 4 h."""
    t = np.linspace(0, 4, 81)
    y = np.where(t < 1, 1 + t, 2 - 0.5 * (t - 1))
    (tmp_path / "soak.csv").write_text(
        "time (h),PL\n" + "\n".join(f"{a:.4f},{b:.6f}" for a, b in zip(t, y, strict=True))
    )
    found = read(tmp_path)
    assert found.value("i_max_over_start") == pytest.approx(2.0)
    assert found.value("t50_max_h") == pytest.approx(3.0)
    assert found.value("t50_max_after_max_h") == pytest.approx(2.0)
    assert found.value("t50_start_h") == pytest.approx(4.0)
    assert all("NORM" in row.flags for row in found.quantities)


def test_peak_tables_are_no_traces(tmp_path):
    (tmp_path / "a.csv").write_text("time_s,PL_peak_nm\n" + "\n".join(f"{i},{500 + i}" for i in range(20)))
    assert read(tmp_path).files[0].status == "not recognised"
