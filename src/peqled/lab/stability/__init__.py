"""Emission against time under light, heat or moisture: `crossing` holds the law, `reduction` the rows."""
