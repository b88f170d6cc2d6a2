"""The two transport problems that every program of the benchmark solves, and their answers (SI, eV)."""

import numpy as np

SCLC = {
    "thickness": 100e-9,
    "eps_r": 3.0,
    "affinity": 3.0,
    "ionisation": 6.0,
    "sites_n": 1e26,
    "sites_p": 1e26,
    "mobility_n": 1e-8,
    "mobility_p": 1e-8,
}
"""Electrons only between ohmic contacts of 1e26 1/m3, 300 K."""
SCLC_EXACT = {1.0: 586.613, 2.0: 1852.06, 5.0: 9480.82, 10.0: 34593.3}
"""J in A/m2 by V: boundary-value problem, two independent codes, 1e-5."""

LED_LAYERS = (
    (3e-8, 3.0, 2.3, 5.25, 1e-11, 1e-7, 1e-17),
    (2.5e-8, 7.0, 3.0, 5.4, 1e-8, 1e-8, 5e-16),
    (2e-8, 3.0, 2.7, 6.2, 5e-9, 1e-11, 1e-17),
    (3e-8, 3.0, 2.9, 6.9, 1e-7, 1e-11, 1e-17),
)
"""Thickness m, eps_r, affinity eV, ionisation energy eV, mobilities of electrons and holes m2/(V s), direct
recombination m3/s; 1e26 1/m3 sites, Boltzmann; work functions 5.15 and 3.0 eV."""
LED_VOLTAGES = np.round(np.linspace(0.0, 6.0, 61), 10)
LED_CURRENTS = {2.0: 0.0346542, 3.0: 37.6938, 4.0: 340.338, 5.0: 1200.65, 6.0: 2872.12}
"""J in A/m2 by V: independent solver with Richardson extrapolation, 3e-5 (transfer velocity 1e3 m/s)."""
