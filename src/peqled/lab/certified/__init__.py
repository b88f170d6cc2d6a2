"""Certified regression problems of NIST StRD: a check of the engine of all fits on the machine where it runs."""
