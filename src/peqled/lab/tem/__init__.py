"""Particle sizes from tables and images; `reduction` assembles them."""
