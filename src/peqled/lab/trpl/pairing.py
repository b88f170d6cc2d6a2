"""Which instrument response belongs to which decay: same folder, same bins, most words of the name in common."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peqled.lab.measurement import Measurement

__all__ = ["pair", "words"]

_OWN = {"irf", "prompt", "decay", "instrument", "response", "resp", "txt", "csv", "data", "trpl", "tcspc", "dat"}


def words(name: str) -> frozenset[str]:
    """Lower-case words of a name, split at signs, at changes of case and around ``irf``."""
    spaced = re.sub(r"(?i)irf", " irf ", name)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", spaced)
    return frozenset(w for w in re.findall(r"[a-z]+\d*|\d+[a-z]*", spaced.lower()) if w not in _OWN)


def pair(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Groups of a decay with its response (if there is one), then responses that no decay uses, alone."""
    decays = [m for m in measurements if m.kind == "trpl_decay"]
    responses = [m for m in measurements if m.kind == "trpl_irf"]
    groups, used = [], set()
    for decay in decays:
        scores = [(_score(decay, response), -k) for k, response in enumerate(responses)]
        best = max(scores, default=(0.0, 0))
        if best[0] > 0:
            used.add(-best[1])
            groups.append([decay, responses[-best[1]]])
        else:
            groups.append([decay])
    return groups + [[r] for k, r in enumerate(responses) if k not in used]


def _score(decay: Measurement, response: Measurement) -> float:
    """0 where they cannot belong together."""
    widths = [float(m.metadata.get("bin_width", 0.0)) for m in (decay, response)]
    same_file = decay.source == response.source
    near = same_file or decay.source.parent == response.source.parent
    above = response.source.parent in decay.source.parents
    beside = response.source.parent.parent in (decay.source.parent, decay.source.parent.parent)
    if not (near or above or beside):
        return 0.0
    ratio = widths[1] / widths[0] if min(widths) > 0 else 1.0
    bins = 2.0 if abs(ratio - 1) < 0.01 else 0.5
    shared = words(decay.name) & words(response.name)
    return 4.0 * same_file + 1.0 * near + bins + len(shared) / (1 + len(words(response.name)))
