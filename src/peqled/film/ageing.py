"""Loss of photoluminescence of a film in humid air, with and without ultraviolet light.

    d ln I/dt = -(k_RH + k_UV + k_O + k_T) + d ln(1 + b [1 - e^(-r light t)])/dt
    k_RH = k_80 (RH/80 %)^m exp[-(E_a/k)(1/T - 1/298 K)] [d + (1 - d) light × oxygen]
    k_UV = k_365 (Φ/Φ_0)^p × oxygen × [1 - s + s RH/80 %]
    k_O = k_air × light × oxygen,    k_T = k_298 exp[-(E_T/k)(1/T - 1/298 K)]

First order is an assumption: the paper prints two points (10.1002/advs.202304696: 90 % and about 60 % after 16 h at
80 % RH, without and with 365 nm), which cannot tell a shape. Oxygen under light is the decisive partner and humidity
in the dark does little (10.1021/acsami.6b14423), hence d = 0 and no ultraviolet loss without oxygen. Light can also
heal: humid air may raise the emission at first (Anni 2020), by the share b at the rate r. Oxygen alone, temperature
alone and brightening are off by default: no number of the paper informs them.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from scipy.constants import e, k

from peqled.nanocrystal import ROOM_TEMPERATURE

REFERENCE_HUMIDITY = 0.80


class Ageing(eqx.Module):
    """Rates (1/s) and their orders.

    ``humidity_rate`` -ln 0.90/16 h and ``ultraviolet_rate`` (ln 0.90 - ln 0.60)/16 h follow from the paper's two
    numbers; ``irradiance_order`` p 1 (0.5-1), ``humidity_order`` m 1, ``synergy`` s 0.5 (share of the ultraviolet
    loss that needs humidity) and ``activation`` 0.6 (0.3-1.0) eV are engineering defaults; ``dark_share`` d 0 (-0.1
    to 0.1); ``oxygen_rate`` k_air, ``thermal_rate`` k_298 with ``thermal_activation`` E_T (eV), ``brightening`` b at
    the ``brightening_rate`` r (1/s): all off, with E_T and r engineering defaults.
    """

    humidity_rate: float | Array = 1.8292e-6
    ultraviolet_rate: float | Array = 7.0393e-6
    humidity_order: float | Array = 1.0
    irradiance_order: float | Array = 1.0
    synergy: float | Array = 0.5
    activation: float | Array = 0.6
    dark_share: float | Array = 0.0
    oxygen_rate: float | Array = 0.0
    thermal_rate: float | Array = 0.0
    thermal_activation: float | Array = 1.0
    brightening: float | Array = 0.0
    brightening_rate: float | Array = 1.0e-3


class Environment(eqx.Module):
    """Where the film lies.

    ``humidity`` relative (0-1); ``oxygen`` over that of air (N2 0, air 1); ``light`` ambient light (dark 0, lit 1);
    ``ultraviolet`` irradiance at 365 nm over the paper's, which it does not state; ``temperature`` (K).
    """

    humidity: float | Array = 0.80
    oxygen: float | Array = 1.0
    light: float | Array = 1.0
    ultraviolet: float | Array = 0.0
    temperature: float | Array = ROOM_TEMPERATURE


def humidity_loss(model: Ageing, environment: Environment):
    """First-order rate (1/s) of the humidity channel."""
    warm = _arrhenius(model.activation, environment.temperature)
    lit = model.dark_share + (1.0 - model.dark_share) * environment.light * environment.oxygen
    return model.humidity_rate * _power(environment.humidity / REFERENCE_HUMIDITY, model.humidity_order) * warm * lit


def ultraviolet_loss(model: Ageing, environment: Environment):
    """First-order rate (1/s) of the ultraviolet channel."""
    partner = 1.0 - model.synergy + model.synergy * environment.humidity / REFERENCE_HUMIDITY
    return (
        model.ultraviolet_rate * _power(environment.ultraviolet, model.irradiance_order) * environment.oxygen * partner
    )


def oxygen_loss(model: Ageing, environment: Environment):
    """First-order rate (1/s) of oxygen under visible light, whatever the humidity."""
    return model.oxygen_rate * environment.light * environment.oxygen


def thermal_loss(model: Ageing, environment: Environment):
    """First-order rate (1/s) of temperature alone, dark and dry."""
    return model.thermal_rate * _arrhenius(model.thermal_activation, environment.temperature)


def loss_rate(model: Ageing, environment: Environment):
    """Sum (1/s) of all channels."""
    light = humidity_loss(model, environment) + ultraviolet_loss(model, environment)
    return light + oxygen_loss(model, environment) + thermal_loss(model, environment)


def brightened(time, model: Ageing, environment: Environment):
    """Factor by which light has healed the film after ``time`` (s): 1 + b (1 - exp(-r light t))."""
    return 1.0 - model.brightening * jnp.expm1(-model.brightening_rate * environment.light * time)


def retained(time, model: Ageing, environment: Environment):
    """I(t)/I(0) after ``time`` (s) in one environment."""
    return jnp.exp(-loss_rate(model, environment) * time) * brightened(time, model, environment)


def time_to(share, model: Ageing, environment: Environment):
    """Time (s) until I/I(0) has fallen to ``share`` without brightening; infinite where nothing is lost."""
    rate = loss_rate(model, environment)
    return jnp.where(rate > 0.0, -jnp.log(share) / jnp.where(rate > 0.0, rate, 1.0), jnp.inf)


def _arrhenius(energy, temperature):
    """Acceleration by temperature (K) for an activation energy (eV), 1 at room temperature."""
    return jnp.exp(-energy * e / k * (1.0 / temperature - 1.0 / ROOM_TEMPERATURE))


def _power(base, exponent):
    """base^exponent with 0^p = 0 and a finite derivative there."""
    positive = jnp.asarray(base) > 0.0
    return jnp.where(positive, jnp.where(positive, base, 1.0) ** exponent, 0.0)
