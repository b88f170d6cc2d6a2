"""Space-charge-limited currents of single-carrier devices; `reduction` assembles them."""
