"""The electrical stack of a recipe: which layers carry charge, what injects, and what the dots bring.

The last layer in front of the first transport layer is the anode contact (PEDOT:PSS on ITO), the metal with its
injection layer (LiF/Al) the cathode contact, once, by its effective work function. A tunnel layer (PMMA) is a
zero-width element between its neighbours. Sites of the emitter, its permittivity and its rates come from the film.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann, Planck, electron_mass, elementary_charge

from peqled.film import Film, annihilation_coefficient, exciton_diffusivity, exciton_hop_rate, hopping_rate
from peqled.optics import mean_photon_energy
from peqled.parameters import LayerName, Parameters
from peqled.transport import Contact, Device, Exciton, Interface, Ion, Layer, Tunnel

RICHARDSON = 4 * jnp.pi * elementary_charge * electron_mass * Boltzmann**2 / Planck**3
"""Richardson constant of the free electron, A/(m^2 K^2)."""
CARRYING = ("hole transport layer", "emitter", "electron transport layer")


def build_device(
    parameters: Parameters,
    film: Film,
    *,
    purcell: Float[Array, " sample"],
    outcoupled: Float[Array, " sample"],
    radiative_rate: Float[Array, ""],
) -> Device:
    """Drift-diffusion device of a recipe.

    Args:
        parameters: numeric parameters.
        film: the emitter film.
        purcell: F at equal distances through the emitter, anode side first.
        outcoupled: power into air on the same samples, in units of the bulk dipole power.
        radiative_rate: k_r in the bulk emitter medium, 1/s.
    """
    names = carrying_layers(parameters)
    dark = jnp.zeros_like(purcell)
    layers = tuple(
        _emitter(parameters, name.key, film, purcell, outcoupled, radiative_rate)
        if name.role == "emitter"
        else _transport_layer(parameters, name.key, dark)
        for name in names
    )
    interfaces = tuple(
        _interface(parameters, layers[i], layers[i + 1], _tunnel_between(parameters, names[i], names[i + 1]))
        for i in range(len(layers) - 1)
    )
    anode, cathode = _contacts(parameters)
    series = parameters[f"{_electrode(parameters).key}.sheet_resistance"] * parameters["device.area"] / 3
    return Device(
        layers=layers,
        interfaces=interfaces,
        left=Contact(work_function=anode),
        right=Contact(work_function=cathode),
        temperature=parameters["device.temperature"],
        series_resistance=series,
        ions=_ions(parameters, names) if parameters.structure.mobile_ions else (),
        thermal_resistance=parameters["thermal.resistance"] * parameters["device.area"],
        photon_energy=mean_photon_energy(photon_spectrum=film.pl, wavelength=film.wavelength) / elementary_charge,
        heated=parameters.structure.self_heating,
    )


def _ions(parameters: Parameters, names: tuple[LayerName, ...]) -> tuple[Ion, ...]:
    """Vacancies of the halide, singly positive, kept in the emitter."""

    def per_layer(what: str) -> Float[Array, " layer"]:
        return jnp.stack([parameters[f"{name.key}.{what}"] if name.role == "emitter" else zero for name in names])

    zero, region = jnp.zeros(()), tuple(0 if name.role == "emitter" else -1 for name in names)
    return (Ion(density=per_layer("ion_density"), mobility=per_layer("ion_mobility"), charge=1, region=region),)


def carrying_layers(parameters: Parameters) -> tuple[LayerName, ...]:
    """Layers in which carriers drift and diffuse, anode side first."""
    return tuple(layer for layer in parameters.structure.layers if layer.role in CARRYING)


def _electrode(parameters: Parameters) -> LayerName:
    return parameters.structure.layer("anode")


def _contacts(parameters: Parameters) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Work functions of anode and cathode contact, eV."""
    layers = parameters.structure.layers
    first = next(i for i, layer in enumerate(layers) if layer.role in CARRYING)
    metal = parameters.structure.layer("cathode")
    injection = [layer for layer in layers if layer.role == "injection layer"]
    pair = f"{injection[-1].material}-{metal.material}" if injection else metal.key
    cathode = pair if f"{pair}.work_function" in parameters.values else metal.key
    return parameters[f"{layers[first - 1].key}.work_function"], parameters[f"{cathode}.work_function"]


def _transport_layer(parameters: Parameters, key: str, dark: Float[Array, " sample"]) -> Layer:
    value = {name: parameters[f"{key}.{name}"] for name in ("site_density", "homo", "lumo", "mobility_hole")}
    return Layer(
        thickness=parameters[f"{key}.thickness"],
        eps_r=parameters[f"{key}.permittivity"],
        affinity=-value["lumo"],
        ionisation=-value["homo"],
        sites_n=value["site_density"],
        sites_p=value["site_density"],
        mobility_n=parameters[f"{key}.mobility_electron"],
        mobility_p=value["mobility_hole"],
        poole_frenkel_n=parameters[f"{key}.poole_frenkel_electron"],
        poole_frenkel_p=parameters[f"{key}.poole_frenkel_hole"],
        polarisation=parameters[f"{key}.polarisation"],
        langevin=jnp.ones(()),
        exciton=Exciton(purcell=dark, outcoupled=dark),
    )


def _emitter(
    parameters: Parameters,
    key: str,
    film: Film,
    purcell: Float[Array, " sample"],
    outcoupled: Float[Array, " sample"],
    radiative_rate: Float[Array, ""],
) -> Layer:
    trion_rate = 1 / parameters[f"{key}.trion_lifetime"]
    distance = film.packing.centre_distance
    jumps = exciton_hop_rate(parameters[f"{key}.foerster_radius"], distance=distance, lifetime=film.lifetimes.amplitude)
    diffusivity = exciton_diffusivity(jumps, distance=distance)
    mobility = 0.5 * (parameters[f"{key}.mobility_electron"] + parameters[f"{key}.mobility_hole"])
    hop_rate = hopping_rate(mobility, distance=distance, temperature=parameters["device.temperature"])
    exciton = Exciton(
        share=jnp.ones(()),
        radiative=radiative_rate,
        nonradiative=radiative_rate * (1 / film.plqy - 1),
        diffusivity=diffusivity,
        dots=film.packing.number_density,
        auger_n=trion_rate,
        auger_p=trion_rate,
        exchange=hop_rate + jumps,
        trion_ratio=parameters[f"{key}.trion_radiative_ratio"],
        annihilation=annihilation_coefficient(diffusivity),
        attempt=hop_rate,
        binding=parameters[f"{key}.exciton_binding_energy"],
        hop=distance,
        purcell=purcell,
        outcoupled=outcoupled,
    )
    return Layer(
        thickness=parameters[f"{key}.thickness"],
        eps_r=film.permittivity.symmetric,
        affinity=-parameters[f"{key}.lumo"],
        ionisation=-parameters[f"{key}.homo"],
        sites_n=film.packing.site_density,
        sites_p=film.packing.site_density,
        degeneracy=parameters[f"{key}.degeneracy"],
        mobility_n=parameters[f"{key}.mobility_electron"],
        mobility_p=parameters[f"{key}.mobility_hole"],
        polarisation=parameters[f"{key}.polarisation"],
        langevin=parameters[f"{key}.capture_factor"],
        exciton=exciton,
    )


def _tunnel_between(parameters: Parameters, left: LayerName, right: LayerName) -> LayerName | None:
    layers = parameters.structure.layers
    between = layers[layers.index(left) + 1 : layers.index(right)]
    return next((layer for layer in between if layer.role == "tunnel layer"), None)


def _interface(parameters: Parameters, left: Layer, right: Layer, tunnel: LayerName | None) -> Interface:
    """Thermionic emission with the sites of the side that lies higher; a tunnel layer adds its transmission."""
    speed = RICHARDSON * parameters["device.temperature"] ** 2 / elementary_charge
    return Interface(
        velocity_n=speed / jnp.where(left.affinity < right.affinity, left.sites_n, right.sites_n),
        velocity_p=speed / jnp.where(left.ionisation > right.ionisation, left.sites_p, right.sites_p),
        tunnel=_tunnel(parameters, tunnel.key) if tunnel else Tunnel(),
        thermionic=True,
    )


def _tunnel(parameters: Parameters, key: str) -> Tunnel:
    return Tunnel(
        thickness=parameters[f"{key}.thickness"],
        eps_r=parameters[f"{key}.permittivity"],
        barrier_n=parameters[f"{key}.tunnelling_barrier_electron"],
        barrier_p=parameters[f"{key}.tunnelling_barrier_hole"],
        mass=parameters[f"{key}.tunnelling_mass"] / electron_mass,
        pinholes=parameters[f"{key}.pinhole_fraction"],
    )
