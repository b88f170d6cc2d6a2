"""What the transport solver needs to know of a device: numeric pytrees in SI units, energies in eV below vacuum.

Layers are listed from left to right; the left electrode is the anode unless ``Device.left_is_anode`` is false.
Every number is a float leaf that a tangent may enter.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]


def _real(value) -> Array:
    return jnp.asarray(value, dtype=float)


def real(default=None, **options):
    """A float leaf, converted to a JAX array."""
    if default is not None:
        options["default"] = default
    return eqx.field(converter=_real, **options)


class Constants(eqx.Module):
    """Elementary charge (C), Boltzmann constant (J/K), vacuum permittivity (F/m), hbar (J s), electron mass (kg);
    CODATA 2018."""

    q: Scalar = real(1.602176634e-19)
    boltzmann: Scalar = real(1.380649e-23)
    eps0: Scalar = real(8.8541878128e-12)
    hbar: Scalar = real(1.054571817e-34)
    electron_mass: Scalar = real(9.1093837015e-31)


class Trap(eqx.Module):
    """One trap level. ``density``: 1/m3 in a layer, 1/m2 at an interface; ``level``: eV below vacuum; captures: m3/s.

    ``charge``: +1 donor (positive when empty), -1 acceptor (negative when filled), 0 neutral.
    """

    density: Scalar = real(0.0)
    level: Scalar = real(4.5)
    capture_n: Scalar = real(1e-14)
    capture_p: Scalar = real(1e-14)
    charge: Scalar = real(0.0)


class Exciton(eqx.Module):
    """Excitons of a layer; the default makes none.

    ``share``: part of the bimolecular recombination that ends as an exciton; ``radiative``, ``nonradiative``: 1/s;
    ``diffusivity``: m2/s; ``dots``: dots per volume, 1/m3; ``auger_n``, ``auger_p``: Auger rate of a negative and a
    positive
    trion, 1/s; ``exchange``: rate at which excitons and charges change dots, 1/s (infinite is mean field);
    ``trion_ratio``: radiative rate of a trion over that of an exciton; ``annihilation``: m3/s;
    ``attempt`` (1/s), ``binding`` (eV), ``hop`` (m): dissociation, carriers return; ``overlap_field``: field that
    halves
    k_r, V/m; ``ionisation_rate`` (1/s), ``ionisation_field`` (V/m): k_Q = k_0 exp(-E_1/E); ``quench_left``,
    ``quench_right``: surface quenching velocities, m/s; ``purcell``, ``outcoupled``: F and A sampled at equal distances
    from the left
    face to the right face (equally many samples in every layer), A absolute and in units of the bulk dipole power.
    """

    share: Scalar = real(0.0)
    radiative: Scalar = real(0.0)
    nonradiative: Scalar = real(1.0)
    diffusivity: Scalar = real(0.0)
    dots: Scalar = real(1e24)
    auger_n: Scalar = real(0.0)
    auger_p: Scalar = real(0.0)
    exchange: Scalar = real(float("inf"))
    trion_ratio: Scalar = real(2.0)
    annihilation: Scalar = real(0.0)
    attempt: Scalar = real(0.0)
    binding: Scalar = real(0.07)
    hop: Scalar = real(1.1e-8)
    overlap_field: Scalar = real(float("inf"))
    ionisation_rate: Scalar = real(0.0)
    ionisation_field: Scalar = real(1e9)
    quench_left: Scalar = real(0.0)
    quench_right: Scalar = real(0.0)
    purcell: Float[Array, " sample"] = real((1.0, 1.0))
    outcoupled: Float[Array, " sample"] = real((1.0, 1.0))


class Layer(eqx.Module):
    """One layer. Lengths m, mobilities m2/(V s), ``poole_frenkel_*`` (m/V)^0.5, densities 1/m3, ``polarisation`` C/m2
    towards +x.

    ``degeneracy``: gamma of the site statistics (0 is Boltzmann); ``direct``: bimolecular coefficient, m3/s;
    ``langevin``:
    prefactor of q (mu_n + mu_p)/eps added to it; ``auger_n``, ``auger_p``: n^2 p and n p^2 coefficients, m6/s;
    ``generation``: pairs, 1/(m3 s); ``activation_*``: eV, mobility law exp(-E_a/kT) with the given value at 300 K.
    Where the device is ``disordered``: ``disorder_*``: width of a Gaussian density of states, eV (0 is none);
    ``lattice``: distance of the sites, m, for the density and field dependence of the mobility (EGDM; 0 is none).
    """

    thickness: Scalar = real()
    eps_r: Scalar = real()
    affinity: Scalar = real()
    ionisation: Scalar = real()
    sites_n: Scalar = real()
    sites_p: Scalar = real()
    mobility_n: Scalar = real()
    mobility_p: Scalar = real()
    degeneracy: Scalar = real(1.0)
    poole_frenkel_n: Scalar = real(0.0)
    poole_frenkel_p: Scalar = real(0.0)
    donors: Scalar = real(0.0)
    acceptors: Scalar = real(0.0)
    polarisation: Scalar = real(0.0)
    direct: Scalar = real(0.0)
    langevin: Scalar = real(0.0)
    auger_n: Scalar = real(0.0)
    auger_p: Scalar = real(0.0)
    generation: Scalar = real(0.0)
    activation_n: Scalar = real(0.0)
    activation_p: Scalar = real(0.0)
    disorder_n: Scalar = real(0.0)
    disorder_p: Scalar = real(0.0)
    lattice: Scalar = real(0.0)
    trap: Trap = eqx.field(default_factory=Trap)
    exciton: Exciton = eqx.field(default_factory=Exciton)


class Tunnel(eqx.Module):
    """Insulator inside an interface: ``thickness`` m (0 is none), ``eps_r``, mean barriers eV, ``mass`` m0,
    ``pinholes`` area share."""

    thickness: Scalar = real(0.0)
    eps_r: Scalar = real(3.0)
    barrier_n: Scalar = real(2.0)
    barrier_p: Scalar = real(2.0)
    mass: Scalar = real(0.5)
    pinholes: Scalar = real(0.0)


class Interface(eqx.Module):
    """Between two layers: velocities m/s of the transfer law A or, if ``thermionic``, of emission law B;
    ``sheet_charge`` C/m2,
    half on either face."""

    velocity_n: Scalar = real(1e3)
    velocity_p: Scalar = real(1e3)
    sheet_charge: Scalar = real(0.0)
    tunnel: Tunnel = eqx.field(default_factory=Tunnel)
    trap: Trap = eqx.field(default_factory=Trap)
    thermionic: bool = eqx.field(static=True, default=False)


class Contact(eqx.Module):
    """Electrode: ``work_function`` eV; surface velocities m/s (infinite pins the level, 0 blocks).

    ``image_force``: whether the image charge lowers the barrier (``contacts.image_drop``); steady solutions only.
    """

    work_function: Scalar = real()
    velocity_n: Scalar = real(float("inf"))
    velocity_p: Scalar = real(float("inf"))
    image_force: bool = eqx.field(static=True, default=False)


class Ion(eqx.Module):
    """One mobile ionic species of conserved number.

    ``density``: mean density each layer starts with, 1/m3 (that of a layer which blocks does not count);
    ``mobility``: of each layer, m2/(V s), for transients;
    ``charge``: in units of q; ``region``: of each layer, a number; ions are shared within a region, -1 blocks them.
    """

    density: Float[Array, " layer"] = real()
    mobility: Float[Array, " layer"] = real()
    charge: int = eqx.field(static=True, kw_only=True)
    region: tuple[int, ...] = eqx.field(static=True, kw_only=True)

    @property
    def regions(self) -> int:
        """How many regions hold this species."""
        return max(self.region) + 1


class Device(eqx.Module):
    """A stack with its circuit. ``temperature`` K; resistances Ohm m2.

    ``quench_rate`` (1/s), ``fixed_charge`` (C/m3), ``generation`` (1/(m3 s)): one number, or one per node of the coarse
    mesh. ``thermal_resistance`` (K m2/W) and ``photon_energy`` (eV, of the light that leaves) count where the device is
    ``heated``: ``temperature`` is then that of its surroundings.
    ``ions``: mobile species, in steady state at rest in the potential. ``disordered``: whether the layers'
    Gaussian density of states and EGDM mobility are evaluated (slower).
    """

    layers: tuple[Layer, ...]
    interfaces: tuple[Interface, ...]
    left: Contact
    right: Contact
    temperature: Scalar = real(300.0)
    series_resistance: Scalar = real(0.0)
    shunt_resistance: Scalar = real(float("inf"))
    thermal_resistance: Scalar = real(0.0)
    photon_energy: Scalar = real(0.0)
    quench_rate: Float[Array, "..."] = real(0.0)
    fixed_charge: Float[Array, "..."] = real(0.0)
    generation: Float[Array, "..."] = real(0.0)
    constants: Constants = eqx.field(default_factory=Constants)
    ions: tuple[Ion, ...] = ()
    left_is_anode: bool = eqx.field(static=True, default=True)
    disordered: bool = eqx.field(static=True, default=False)
    heated: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        for ion in self.ions:
            if not ion.regions:
                raise ValueError("an ion that no layer lets in: give at least one layer a region of 0 or more")
            if len(ion.region) != len(self.layers) or ion.density.shape != (len(self.layers),):
                raise ValueError(
                    f"an ion needs one region and one density per layer, {len(self.layers)} of each; got "
                    f"{len(ion.region)} regions and densities of shape {ion.density.shape}"
                )
        if len(self.interfaces) != len(self.layers) - 1:
            raise ValueError(
                f"{len(self.layers)} layers need {len(self.layers) - 1} interfaces, got {len(self.interfaces)}: give "
                "one Interface() between each two neighbouring layers"
            )

    @property
    def thermal_voltage(self) -> Scalar:
        """kT/q, V."""
        return self.constants.boltzmann * self.temperature / self.constants.q


def stacked(modules: tuple):
    """Equal modules as one module whose leaves carry the list as leading axis (static fields from the first)."""
    leaves = [jax.tree.leaves(module) for module in modules]
    return jax.tree.unflatten(
        jax.tree.structure(modules[0]), [jnp.stack(column) for column in zip(*leaves, strict=True)]
    )
