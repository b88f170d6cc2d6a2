"""The command line. Exit status: 0 ok; 2 bad input, with one clear line and no traceback; 1 a failure inside.

Heavy imports happen inside the commands: ``peqled --help`` needs neither JAX nor matplotlib.
"""

from __future__ import annotations

import sys

from peqled.cli import simulate, studies, measured, book  # isort: skip  # in the order of the help
from peqled.cli.session import app

__all__ = ["app", "book", "main", "measured", "simulate", "studies"]


def main() -> None:
    """Entry point: bad input becomes one line on stderr and exit status 2."""
    try:
        app()
    except Exception as error:
        if not _is_bad_input(error):
            raise
        message = error.args[0] if error.args else error
        print(f"peqled: {message}", file=sys.stderr)
        raise SystemExit(2) from None


def _is_bad_input(error: Exception) -> bool:
    """Errors that name what the user gave; their classes are only looked up if their module was loaded."""
    classes = {
        ("peqled.lab.measurement", "LabFileError"),
        ("peqled.recipe", "RecipeError"),
        ("peqled.result", "OutputError"),
        ("peqled.materials", "BookError"),
        ("peqled.materials", "UnitError"),
        ("peqled.materials", "IndexDataError"),
    }
    found = (getattr(sys.modules.get(module), name, None) for module, name in classes)
    return any(isinstance(error, kind) for kind in found if isinstance(kind, type))
