"""The parameter book: data files with provenance, their loader, index data, and checks of both.

Files live in ``data/``: one per material, ligand and process. Nothing here needs JAX.
"""

from peqled.materials.book import Book, BookError, Material, UnknownName, load_book, read_material
from peqled.materials.check import (
    Finding,
    check_book,
    check_folder,
    check_index,
    check_material,
    check_parameters,
    check_table,
)
from peqled.materials.dispersion import IndexDataError, IndexLaw
from peqled.materials.index import IndexRangeError, IndexTable, index_table, refractive_index
from peqled.materials.index_file import MeasuredIndex, read_index, write_index
from peqled.materials.index_fit import CauchyFit, OscillatorFit, fit_cauchy, fit_oscillators, kramers_kronig_gap
from peqled.materials.names import REQUIRED, UNITS, unit_of
from peqled.materials.parameter import Parameter, ParameterError
from peqled.materials.show import book_table, material_table, plot_index, plot_material, plot_parameters, to_text
from peqled.materials.units import UnitError, parse_quantity, unit_registry

__all__ = [
    "REQUIRED",
    "UNITS",
    "Book",
    "BookError",
    "CauchyFit",
    "Finding",
    "IndexDataError",
    "IndexLaw",
    "IndexRangeError",
    "IndexTable",
    "Material",
    "MeasuredIndex",
    "OscillatorFit",
    "Parameter",
    "ParameterError",
    "UnitError",
    "UnknownName",
    "book_table",
    "check_book",
    "check_folder",
    "check_index",
    "check_material",
    "check_parameters",
    "check_table",
    "fit_cauchy",
    "fit_oscillators",
    "index_table",
    "kramers_kronig_gap",
    "load_book",
    "material_table",
    "parse_quantity",
    "plot_index",
    "plot_material",
    "plot_parameters",
    "read_index",
    "read_material",
    "refractive_index",
    "to_text",
    "unit_of",
    "unit_registry",
    "write_index",
]
