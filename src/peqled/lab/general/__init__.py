"""Spectra that are read and shown, not interpreted: Raman, NMR, mass, chromatograms."""
