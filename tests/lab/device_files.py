"""J-V-L sweeps and spectra of a device whose efficiencies are known in closed form, written in the dialects of
instruments."""

import numpy as np

VOLTAGE = np.round(np.arange(-1.0, 6.01, 0.2), 4)
AREA = 4e-6  # m2
CE = 76.0  # cd/A above turn-on, at every voltage


def sweep(*, scale=1.0):
    """Voltage (V), current density (A/m2), luminance (cd/m2): L = CE J above 2.2 V, a dark noise of 0.02 cd/m2
    below."""
    drive = np.maximum(VOLTAGE - 2.2, 0.0)
    density = scale * (0.02 * VOLTAGE + 40.0 * drive**2)
    luminance = np.where(drive > 0, CE * density, 0.02 * np.sin(40 * VOLTAGE))
    return VOLTAGE, density, luminance


def spectrum(centre=517.0, width=16.1, step=0.5):
    grid = np.arange(420.0, 640.1, step)
    return grid, np.exp(-4 * np.log(2) * ((grid - centre) / width) ** 2)


def table(names, columns, *, delimiter=",", decimal=".", header=(), digits=8):
    """Text of a table."""
    rows = [
        delimiter.join(f"{value:.{digits}g}".replace(".", decimal) for value in row)
        for row in zip(*columns, strict=True)
    ]
    return "\n".join([*header, delimiter.join(names), *rows]) + "\n"
