"""Time-resolved photoluminescence: laws in `kernel`, `deviance`, `averages`, ...; `reduction` assembles them."""
