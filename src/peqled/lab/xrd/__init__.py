"""Powder diffraction: line profiles, displacement, Scherrer sizes; `reduction` assembles them."""
