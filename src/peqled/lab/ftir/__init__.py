"""Infrared spectra: quantity, baseline, bands, ranked assignments; `reduction` assembles them."""
