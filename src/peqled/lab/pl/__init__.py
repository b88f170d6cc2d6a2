"""Photoluminescence and absorption spectra, alone and against time: laws in `energy`, `lines`, `edge`, `track`, ..."""
