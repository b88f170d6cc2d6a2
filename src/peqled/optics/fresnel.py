"""One plane wave in one medium, and at one interface.

Wave vectors are in units of the vacuum wavenumber: `effective` = k_parallel/k0, `kappa` = k_z/k0. The two polarisations
differ only in the admittance y that enters r = (y_i - y_j)/(y_i + y_j): y = kappa for TE (electric field), kappa/n² for
TM (magnetic field). Byrnes, arXiv:1603.02720; Born & Wolf, Principles of Optics, section 1.5.
"""

import jax.numpy as jnp
from jaxtyping import Array, Inexact


def normal_wavevector(index: Inexact[Array, "*a"], effective: Inexact[Array, "*b"]) -> Array:
    """kappa = sqrt(n² - effective²), the root with Re + Im > 0: outgoing or decaying, on the real axis and below it.

    Exactly at a light line the derivative is infinite; it is given as zero there.
    """
    square = jnp.asarray(index * index - effective * effective, complex)
    at_light_line = square == 0.0
    root = jnp.sqrt(jnp.where(at_light_line, 1.0, square))
    root = jnp.where(root.real + root.imag < 0.0, -root, root)
    return jnp.where(at_light_line, 0.0, root)


def polarisation_factor(index: Inexact[Array, "*a"]) -> Array:
    """[TE, TM] stacked on a new axis before the last: 1 and n², by which kappa is divided to give the admittance."""
    square = jnp.asarray(index * index, complex)
    return jnp.stack([jnp.ones_like(square), square], -2)


def reflection_coefficient(near: Array, far: Array) -> Array:
    """r of one interface from the admittances on its two sides; the transmission of the same field is t = 1 + r."""
    return (near - far) / (near + far)
