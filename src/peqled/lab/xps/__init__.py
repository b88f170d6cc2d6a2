"""X-ray photoelectron spectroscopy: one law a file; `reduction` assembles them."""
