"""The film of nanocrystals: geometry, optical constants, transport constants, energy transfer and ageing."""

from peqled.film.ageing import (
    Ageing,
    Environment,
    brightened,
    humidity_loss,
    loss_rate,
    oxygen_loss,
    retained,
    thermal_loss,
    time_to,
    ultraviolet_loss,
)
from peqled.film.barrier import Barrier, inside, retained_behind
from peqled.film.diffusion import annihilation_coefficient, exciton_diffusivity, exciton_hop_rate
from peqled.film.dose import relative_dose
from peqled.film.effective_index import (
    BulkIndex,
    bruggeman,
    effective_index,
    maxwell_garnett,
    mean_under,
    scale_extinction,
)
from peqled.film.film import Film, FilmModel, confinement, film
from peqled.film.mobility import Hopping, hopping_mobility, hopping_rate
from peqled.film.packing import Packing, packing
from peqled.film.permittivity import StaticPermittivity, static_permittivity
from peqled.film.transfer import (
    Foerster,
    Network,
    film_decay,
    film_lifetimes,
    foerster_radius,
    network,
    spectral_overlap,
    steady_populations,
    transfer_rates,
)

__all__ = [
    "Ageing",
    "Barrier",
    "BulkIndex",
    "Environment",
    "Film",
    "FilmModel",
    "Foerster",
    "Hopping",
    "Network",
    "Packing",
    "StaticPermittivity",
    "annihilation_coefficient",
    "brightened",
    "bruggeman",
    "confinement",
    "effective_index",
    "exciton_diffusivity",
    "exciton_hop_rate",
    "film",
    "film_decay",
    "film_lifetimes",
    "foerster_radius",
    "hopping_mobility",
    "hopping_rate",
    "humidity_loss",
    "inside",
    "loss_rate",
    "maxwell_garnett",
    "mean_under",
    "network",
    "oxygen_loss",
    "packing",
    "relative_dose",
    "retained",
    "retained_behind",
    "scale_extinction",
    "spectral_overlap",
    "static_permittivity",
    "steady_populations",
    "thermal_loss",
    "time_to",
    "transfer_rates",
    "ultraviolet_loss",
]
