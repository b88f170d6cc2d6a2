"""Show docstrings as the plain text they are.

The docstrings of the house are written to be read in an editor: Greek letters, ``|x|``, ``N_`` and indented equations,
with Google sections where there are many arguments. Before napoleon sees them, everything that reStructuredText would
take for markup is escaped, indented equations become literal blocks and hanging indents become lists.
"""

import re

_SECTION = re.compile(r"(Args|Arguments|Attributes|Returns|Yields|Raises|Note|Notes|Warning|Example|Examples):$")
_LIST = re.compile(r"([-*]|\d+[.)]|\(\w\))\s")
_CODE = re.compile(r"(``.+?``|`[^`]+`)")


def _escaped(line):
    """The line with markup characters made literal outside backticks; single backticks become code."""
    parts = _CODE.split(line)
    for i in range(0, len(parts), 2):
        text = re.sub(r"([*|\\`])|_(?=\W|$)", lambda found: "\\" + found[0], parts[i])
        # code must not touch a word: an escaped space separates them and is not shown
        before = "\\ " if i > 0 and re.match(r"[\w(\[]", text) else ""
        after = "\\ " if i + 1 < len(parts) and re.search(r"\w$", text) else ""
        parts[i] = before + text + after
    for i in range(1, len(parts), 2):
        parts[i] = f"``{parts[i].strip('`').strip()}``"
    return "".join(parts)


def _indent(line):
    return len(line) - len(line.lstrip())


def _blocks(lines):
    block = []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _plain_block(block):
    """One paragraph of running text, an equation, a list, or terms with hanging explanations."""
    if _indent(block[0]) > 0:
        return ["::", "", *(f"    {line}" for line in block), ""]
    if all(_indent(line) == 0 for line in block) and not _LIST.match(block[0]):
        return [*map(_escaped, block), ""]
    items = []
    for line in block:
        if _indent(line) == 0 or not items:
            items.append([_LIST.sub("", line, count=1)])
        else:
            items[-1].append(line.strip())
    return [*(f"* {_escaped(' '.join(item))}" for item in items), ""]


def _section_block(block):
    """A Google section: the header as it is, the entries escaped, their indents kept."""
    return [block[0], *(" " * _indent(line) + _escaped(line.strip()) for line in block[1:]), ""]


def process(app, what, name, obj, options, lines):
    """Rewrite one docstring in place."""
    done = []
    for block in _blocks(lines):
        inside = bool(done) and _indent(block[0]) > 0 and any(_SECTION.match(line) for line in done[-12:])
        if _SECTION.match(block[0]):
            done += _section_block(block)
        elif inside and what != "module":
            done += [" " * _indent(line) + _escaped(line.strip()) for line in block] + [""]
        else:
            done += _plain_block(block)
    lines[:] = done


def skip_tuple_fields(app, what, name, obj, skip, options):
    """Fields of a named tuple say only "Alias for field number 0": the class docstring describes them."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app):
    app.connect("autodoc-skip-member", skip_tuple_fields)
    app.connect("autodoc-process-docstring", process, priority=100)
    return {"version": "1", "parallel_read_safe": True}
