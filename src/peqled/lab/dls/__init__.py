"""Dynamic light scattering: cumulants, regularised inversion, angles; `reduction` assembles them."""
