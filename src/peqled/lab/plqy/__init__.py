"""Photoluminescence quantum yield: laws in `three_measurement`, `combinations`, `reabsorption`, `absolute`."""
