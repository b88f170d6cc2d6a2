"""Plane waves in multilayers: energy, fields and absorption with depth, thick layers, ellipsometry, uniaxial layers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import Layer, Multilayer, ellipsometry, field, plane_wave

STACKS, LAYERS, WAVELENGTHS = 12, 30, 5
ANGLE = jnp.array([0.0, 0.4, 0.9, 1.4])
GRID = np.linspace(430e-9, 680e-9, WAVELENGTHS)


def random_stacks(seed: int, *, incoherent=(), uniaxial=False) -> Multilayer:
    """Twelve stacks of up to thirty layers, one of them of one layer; the rest is padded with layers of no thickness.

    Dielectrics with and without loss, metals, thicknesses from 1 nm to 1 um.
    """
    rng = np.random.default_rng(seed)
    shape = (STACKS, LAYERS, WAVELENGTHS)
    real, imaginary = rng.uniform(1.3, 2.6, shape), 10.0 ** rng.uniform(-6.0, 0.0, shape)
    imaginary[rng.random((STACKS, LAYERS)) < 0.4] = 0.0
    metal = rng.random((STACKS, LAYERS)) < 0.1
    real[metal], imaginary[metal] = 0.05 + rng.random((metal.sum(), 1)), rng.uniform(2.0, 7.0, (metal.sum(), 1))
    thickness = 10.0 ** rng.uniform(-9.0, -6.0, (STACKS, LAYERS))
    thickness[np.arange(LAYERS) >= np.linspace(1, LAYERS, STACKS)[:, None]] = 0.0
    thick = list(incoherent)
    real[:, thick], imaginary[:, thick] = rng.uniform(1.3, 1.7, shape)[:, thick], 1e-7
    along = real + rng.uniform(-0.2, 0.2, shape) * (real > 1.2) + 1j * imaginary
    return Multilayer(
        wavelength=jnp.array(GRID),
        thickness=jnp.array(thickness),
        index=jnp.array(real + 1j * imaginary),
        first=jnp.array(rng.uniform(1.0, 1.6, (STACKS, WAVELENGTHS)) + 0j),
        last=jnp.array(rng.uniform(1.0, 1.6, (STACKS, WAVELENGTHS)) + 0j),
        extraordinary=jnp.array(along) if uniaxial else None,
        incoherent=tuple(i in incoherent for i in range(LAYERS)) if incoherent else (),
    )


@pytest.mark.parametrize("kind", [{}, {"incoherent": (0, 4, 11)}, {"uniaxial": True}])
@pytest.mark.parametrize("turned", [False, True])
def test_energy_of_random_stacks(kind, turned):
    """R + T + sum A = 1 exactly; round-off of thirty layers stays below 1e-12. Every share lies in [0, 1].

    The share of a thick layer holds the interference at its faces, of either sign and of the size of its k, 1e-7,
        and more at grazing angles.
    """
    stacks = random_stacks(7, **kind)
    wave = plane_wave(stacks.reversed() if turned else stacks, ANGLE)
    total = wave.reflectance + wave.transmittance + wave.absorptance.sum(1)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    for share in wave[1:]:
        assert float(share.min()) > (-1e-4 if kind.get("incoherent") else -1e-12)
        assert float(share.max()) < 1.0 + 1e-12


def test_transmittance_is_the_same_from_both_sides():
    """Reciprocity: equal T from either half space at equal k_parallel, whatever is absorbed between (1e-12)."""
    stacks = random_stacks(3, uniaxial=True)
    there = plane_wave(stacks, jnp.array([0.3]))
    for i in range(STACKS):
        one = jax.tree.map(lambda x, i=i: x[i] if x.ndim > 1 else x, stacks)
        for w in range(WAVELENGTHS):
            angle = np.arcsin(float(one.first[w].real) * np.sin(0.3) / float(one.last[w].real))
            back = plane_wave(one.reversed(), jnp.array([angle]))
            np.testing.assert_allclose(back.transmittance[:, w], there.transmittance[i, :, w], rtol=1e-10, atol=1e-13)


def nm_lists(stack: Multilayer, w: int) -> tuple[list, list]:
    media = [complex(stack.first[w]), *np.array(stack.index[:, w]), complex(stack.last[w])]
    return media, [np.inf, *(np.array(stack.thickness) * 1e9), np.inf]


EIGHT = [
    *(Layer(1.5 + 1e-7j, 1.1e-3, incoherent=True), Layer(1.9 + 0.01j, 120e-9), Layer(1.52 + 0.006j, 35e-9)),
    *(Layer(2.0 + 0.1j, 30e-9), Layer(1.7, 45e-9), Layer(0.05 + 3.3j, 20e-9)),
    *(Layer(1.6 + 1e-8j, 0.7e-3, incoherent=True), Layer(1.38, 90e-9)),
]


def test_coherent_stack_against_tmm():
    """R, T, absorption by layer, absorption with depth and psi, Delta against tmm (Byrnes, arXiv:1603.02720).

    Absorption with depth is analytic in both; 1e-9 of its largest value.
    """
    tmm = pytest.importorskip("tmm")
    stack = Multilayer.of(EIGHT[1:6], wavelength=GRID, first=1.3, last=1.5)
    wave, inside = plane_wave(stack, ANGLE), field(stack, ANGLE, points=3)
    psi, delta = ellipsometry(stack, ANGLE)
    for w, j in np.ndindex(WAVELENGTHS, ANGLE.size):
        media, lengths = nm_lists(stack, w)
        for k, name in enumerate("sp"):
            found = tmm.coh_tmm(name, media, lengths, float(ANGLE[j]), GRID[w] * 1e9)
            assert float(wave.reflectance[k, w, j]) == pytest.approx(found["R"], abs=1e-12)
            assert float(wave.transmittance[k, w, j]) == pytest.approx(found["T"], abs=1e-12)
            absorbed = tmm.absorp_in_each_layer(found)[1:-1]
            np.testing.assert_allclose(wave.absorptance[:, k, w, j], absorbed, atol=1e-12)
            for i, depth in enumerate(np.array(inside.depth) * 1e9):
                layer, distance = tmm.find_in_structure_with_inf(lengths, depth)
                there = tmm.position_resolved(layer, distance, found)
                assert float(inside.absorbed[i, k, w, j]) * 1e-9 == pytest.approx(there["absor"], abs=1e-10)
                size = sum(abs(there[axis]) ** 2 for axis in ("Ex", "Ey", "Ez"))
                assert float(inside.intensity[i, k, w, j]) == pytest.approx(size, rel=1e-9)
        ours = tmm.ellips(media, lengths, float(ANGLE[j]), GRID[w] * 1e9)
        assert float(psi[w, j]) == pytest.approx(ours["psi"], abs=1e-10)
        assert np.exp(-1j * float(delta[w, j])) == pytest.approx(-np.exp(1j * ours["Delta"]), abs=1e-10)


def test_thick_layers_against_tmm():
    """Two thick layers about a coherent group, R, T and absorption by layer, against the incoherent tmm.

    The two programs share out the interference at the faces of a lossy thick layer differently, of order k: 1e-6.
    """
    tmm = pytest.importorskip("tmm")
    stack = Multilayer.of(EIGHT, wavelength=GRID)
    wave = plane_wave(stack, ANGLE)
    kinds = ["i", *("i" if x else "c" for x in stack.incoherent), "i"]
    for w, j in np.ndindex(WAVELENGTHS, ANGLE.size):
        media, lengths = nm_lists(stack, w)
        for k, name in enumerate("sp"):
            found = tmm.inc_tmm(name, media, lengths, kinds, float(ANGLE[j]), GRID[w] * 1e9)
            assert float(wave.reflectance[k, w, j]) == pytest.approx(found["R"], abs=1e-6)
            assert float(wave.transmittance[k, w, j]) == pytest.approx(found["T"], abs=1e-6)
            absorbed = tmm.inc_absorp_in_each_layer(found)[1:-1]
            np.testing.assert_allclose(wave.absorptance[:, k, w, j], absorbed, atol=1e-6)


def test_bare_thick_plate():
    """A thick transparent plate at normal incidence: R = 2 r/(1 + r), r the Fresnel reflectance of one face; exact."""
    plate = Multilayer.of([Layer(1.5, 1e-3, incoherent=True)], wavelength=GRID)
    wave, face = plane_wave(plate, 0.0), 0.2**2
    np.testing.assert_allclose(wave.reflectance, 2.0 * face / (1.0 + face), rtol=1e-13)
    np.testing.assert_allclose(wave.transmittance, (1.0 - face) / (1.0 + face), rtol=1e-13)


def test_absorption_with_depth_adds_up():
    """The mean over 400 midpoints of a layer times its thickness is what the layer absorbs (midpoint rule, 1e-5)."""
    stack = Multilayer.of(EIGHT, wavelength=GRID)
    inside, wave = field(stack, ANGLE, points=400), plane_wave(stack, ANGLE)
    mean = inside.absorbed.reshape(len(EIGHT), 400, *inside.absorbed.shape[1:]).mean(1)
    found = mean * stack.thickness[:, None, None, None]
    np.testing.assert_allclose(found[1:6], wave.absorptance[1:6], rtol=2e-5, atol=1e-9)
    np.testing.assert_allclose(found[jnp.array([0, 6])], wave.absorptance[jnp.array([0, 6])], rtol=1e-3, atol=1e-7)


def test_quarter_wave_coating():
    """n = sqrt(n_s), a quarter wave thick, does not reflect; the field in glass is |E|² = 1/n_s."""
    quarter = Multilayer.of([Layer(np.sqrt(1.5), 500e-9 / 4.0 / np.sqrt(1.5))], wavelength=[500e-9], last=1.5)
    assert float(plane_wave(quarter, 0.0).reflectance.max()) < 1e-30
    last = field(quarter, 0.0, points=1000).intensity[-1]
    np.testing.assert_allclose(last, 1.0 / 1.5, rtol=1e-5)


def test_ellipsometry_of_a_bare_surface():
    """Glass: psi = 0 and Delta jumps from pi to 0 at the Brewster angle; silicon at 70 degrees and 632.8 nm has
    psi = 10.5 and Delta = 179.2 degrees, and 2 nm of oxide take 6 degrees from Delta (Azzam & Bashara, Ellipsometry).
    """
    bare = Multilayer.of([], wavelength=[632.8e-9], last=1.5)
    brewster = np.arctan(1.5)
    psi, delta = ellipsometry(bare, jnp.array([brewster - 0.01, brewster, brewster + 0.01]))
    assert float(psi[0, 1]) < 1e-12
    np.testing.assert_allclose(np.cos(delta[0, jnp.array([0, 2])]), [-1.0, 1.0], atol=1e-12)
    silicon = [Multilayer.of([Layer(1.46, d)], wavelength=[632.8e-9], last=3.87 + 0.016j) for d in (0.0, 2e-9)]
    found = np.degrees([ellipsometry(s, np.radians(70.0)) for s in silicon]).squeeze()
    assert found[0] == pytest.approx([10.5, 179.2], abs=0.3)
    assert found[0, 1] - found[1, 1] == pytest.approx(6.0, abs=1.0)


def test_fine_layers_act_as_a_uniaxial_one():
    """A hundred pairs of 0.5 nm layers are a uniaxial medium with eps_o = mean of eps, 1/eps_e = mean of 1/eps (Born &
    Wolf, section 15.5.2).

    The first correction is of the order of period over wavelength, 2e-3; the isotropic layer is off by ten times that.
    """
    first, second, period = 1.45, 2.3, 1e-9
    pairs = [Layer(n, period / 2.0) for _ in range(100) for n in (first, second)]
    eps_o, over_e = 0.5 * (first**2 + second**2), 0.5 * (first**-2 + second**-2)
    whole = Layer(np.sqrt(eps_o), 100 * period, extraordinary=np.sqrt(1.0 / over_e))
    isotropic = Layer(np.sqrt(eps_o), 100 * period)
    fine, uniaxial, other = (
        plane_wave(Multilayer.of(x, wavelength=GRID, last=1.7), ANGLE).amplitude for x in (pairs, [whole], [isotropic])
    )
    np.testing.assert_allclose(uniaxial, fine, atol=3e-3)
    assert float(jnp.abs(uniaxial - other)[1].max()) > 2e-2


def test_gradient_of_a_reflectance():
    """dR/d(thickness, n, k) of a coated metal against central differences, 1e-7."""

    def reflectance(x):
        stack = Multilayer(
            wavelength=jnp.array([550e-9]),
            thickness=jnp.array([x[0] * 1e-9, 30e-9]),
            index=jnp.array([[1.0 + 0j], [0.1 + 3.0j]]) + (x[1] + 1j * x[2]) * jnp.array([[1.0], [0.0]]),
            first=jnp.ones(1, complex),
            last=jnp.ones(1, complex) * 1.5,
        )
        return plane_wave(stack, jnp.array([0.7])).reflectance.sum()

    x, step = jnp.array([80.0, 0.8, 0.02]), 1e-4
    central = [(reflectance(x + step * e) - reflectance(x - step * e)) / (2 * step) for e in jnp.eye(3)]
    np.testing.assert_allclose(jax.jit(jax.grad(reflectance))(x), central, rtol=1e-6)


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        ([Layer(1.5, -1e-9, name="spacer")], {}, "spacer: thickness"),
        ([Layer(1.5 - 0.1j, 1e-9, name="gain")], {}, "gain: index must be n"),
        ([Layer("ITO", 1e-7)], {"wavelength": [100e-9]}, "ITO .* asked, table from"),
        ([Layer(1.5, 1e-9)], {"first": 1.5 + 0.1j}, "first medium: light must come"),
        ([Layer(np.nan, 1e-9, name="ETL")], {}, "ETL: index"),
        ([Layer(0.7 + 5.5j, 1e-6, incoherent=True, name="Al")], {}, "Al: an incoherent layer"),
    ],
)
def test_bad_multilayers_are_refused_by_name(layers, options, message):
    with pytest.raises(ValueError, match=message):
        Multilayer.of(layers, **({"wavelength": GRID} | options))


def test_angles_in_degrees_and_thick_ellipsometry_are_refused():
    plate = Multilayer.of([Layer("glass", 1e-3, incoherent=True)], wavelength=GRID)
    with pytest.raises(ValueError, match="given in rad"):
        plane_wave(plate, 45.0)
    with pytest.raises(ValueError, match="incoherent"):
        ellipsometry(plate, 0.5)
