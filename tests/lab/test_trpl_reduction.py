"""Decays through the public path: pairing with their responses, named averages, flags."""

import numpy as np
import pytest

from peqled.lab.reading import read
from tests.lab import decay_files as make

NS = 1e-9


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two dyes with their own responses in one folder, 3 and 5 ns."""
    rng = np.random.default_rng(20)
    path = tmp_path_factory.mktemp("trpl")
    for name, tau, arrival in (("DyeA", 3.0, 5.0), ("DyeB", 5.0, 9.0)):
        decay = make.photons(
            rng,
            [tau * NS],
            [1.0],
            number=200_000,
            bin_width=0.05 * NS,
            bins=1000,
            irf_width=0.15 * NS,
            arrival=arrival * NS,
        )
        irf = make.response(
            rng, number=100_000, bin_width=0.05 * NS, bins=1200, irf_width=0.15 * NS, arrival=arrival * NS
        )
        make.das6(path / f"{name}_film.txt", decay, "5.0E-02ns/ch")
        make.das6(path / f"irf{name}.txt", irf, "5.0E-02ns/ch", item="IRF")
    return path


def test_each_decay_meets_its_own_response(folder):
    found = read(folder)
    for name, tau in (("DyeA", 3.0), ("DyeB", 5.0)):
        (row,) = found.find("tau_int_ns", file=f"{name}_film")
        assert f"irf{name}" in row.file
        assert row.value == pytest.approx(tau, rel=0.01)
        assert abs(row.value - tau) < 4 * row.uncertainty
        assert "sum A tau^2 / sum A tau" in row.convention
        assert row.flags == ("REP",)
        assert found.value("n_components", file=f"{name}_film") == 1
        assert abs(found.value("irf_shift_bins", file=f"{name}_film")) < 0.2


def test_given_rate_lifts_the_flag_and_fixes_the_period(folder):
    found = read(folder, settings={"repetition_rate": "10 MHz"})
    (row,) = found.find("tau_amp_ns", file="DyeA_film")
    assert row.flags == ()
    assert row.value == pytest.approx(3.0, rel=0.01)


def test_pile_up(tmp_path):
    """200 kHz of counts at 2 MHz are 10 % of the pulses."""
    rng = np.random.default_rng(21)
    decay = make.photons(
        rng, [3 * NS], [1.0], number=50_000, bin_width=0.05 * NS, bins=1000, irf_width=0.15 * NS, arrival=5 * NS
    )
    make.phd(tmp_path / "a.phd", [decay], resolution_ns=0.05, sync=2_000_000, rate=200_000)
    (row,) = read(tmp_path).find("pileup_pct")
    assert row.value == pytest.approx(10.0)
    assert row.flags == ("PILEUP",)


def test_every_average_has_a_name(folder):
    """No row is called an average without saying which (TAU_NAME)."""
    for row in read(folder / "DyeA_film.txt").quantities:
        assert "average" not in row.quantity
        if row.quantity.startswith(("tau_amp", "tau_int")):
            assert "sum A tau" in row.convention or "Gamma" in row.convention or "tail" in row.convention


def test_decay_without_response_says_so(folder, tmp_path):
    (tmp_path / "x.txt").write_bytes((folder / "DyeA_film.txt").read_bytes())
    (row,) = read(tmp_path).find("tau_int_ns")
    assert "IRF" in row.flags
    assert "tail" in row.convention
    assert row.value == pytest.approx(3.0, rel=0.02)


def test_normalised_film_decay(tmp_path):
    """exp(-(t/168.4)^0.62) rounded to three digits as published data are: the stretched form is chosen, both averages
    by the Gamma functions (243 and 469 ns), and the assumed ns are flagged."""
    t = np.arange(129) * 1.953125
    y = np.round(np.exp(-((t / 168.4) ** 0.62)), 3)
    (tmp_path / "film.csv").write_text("\n".join(f"{a:.5f}\t{b}" for a, b in zip(t, y, strict=True)))
    found = read(tmp_path)
    assert found.value("tau_stretched_ns") == pytest.approx(168.4, rel=0.01)
    assert found.value("beta_stretched") == pytest.approx(0.62, rel=0.01)
    (row,) = found.find("tau_amp_ns")
    assert row.value == pytest.approx(243.0, rel=0.01)
    assert "READ_UNIT" in row.flags
    assert "stretched" in row.convention
    micro = read(tmp_path, settings={"time_unit": "us"})
    assert micro.value("tau_stretched_ns") == pytest.approx(168.4e3, rel=0.01)
