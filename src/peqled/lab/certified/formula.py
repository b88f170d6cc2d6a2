"""A printed formula as a function: arithmetic, powers and a few functions of named numbers, nothing else.

The text is parsed, never evaluated by Python: only the operations of `_OPERATIONS` and `_FUNCTIONS` exist.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["Formula", "FormulaError"]

_OPERATIONS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "arctan": np.arctan,
}
LONGEST = 2000  # characters
DEEPEST = 60  # nested operations


class FormulaError(ValueError):
    """A formula with something else than arithmetic in it."""


class Formula:
    """A formula of named numbers or arrays, such as ``b1*(1-exp[-b2*x])``; square brackets are brackets."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise FormulaError(f"a formula of {len(text)} characters")
        try:
            tree = ast.parse(text.replace("[", "(").replace("]", ")").strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise FormulaError(f"'{text[:60]}': {type(error).__name__}") from None
        self._body = tree.body
        self.names = frozenset(_names(self._body, 0))

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Its value; every name of `names` but ``pi`` must be in `values`."""
        return _value(self._body, {"pi": np.pi, **values})


def _names(node: Any, depth: int) -> list[str]:
    """Names of variables; refuses every other construction."""
    if depth > DEEPEST:
        raise FormulaError("nested too deeply")
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return []
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return [*_names(node.left, depth + 1), *_names(node.right, depth + 1)]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATIONS:
        return _names(node.operand, depth + 1)
    if _is_function(node):
        return _names(node.args[0], depth + 1)
    raise FormulaError(f"'{type(node).__name__}' is no arithmetic")


def _is_function(node: Any) -> bool:
    """A call of a known function of one argument."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
    return named and len(node.args) == 1 and not node.keywords


def _value(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return _OPERATIONS[type(node.op)](_value(node.operand, values))
    return _FUNCTIONS[node.func.id](_value(node.args[0], values))
