"""Trying one arrival rate after another: `python -m harness.kit.load.capacity SETTINGS.json`.

Each rate is a load run of its own, in a process of its own, judged by the same rules as any other. What was tried is
written down after every step, so that an end at any moment leaves what is known.
"""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.formats.capacity_json import write_capacity
from harness.formats.load_figures import read_figures
from harness.model.capacity import Search, Step
from harness.model.figures import Figures
from harness.model.load import Limit
from harness.rules.capacity import capacity_of, next_rate
from harness.rules.limits import all_together, holds, measured
from harness.rules.saturation import explains, overloaded

_RATES = frozenset({"rate", "requests"})  # a search for the rate can't be held to one


def search(settings: dict[str, Any], folder: Path) -> int:
    """Try rates until the answer is known; 0 then, 2 where the users' file can't be used."""
    asked = Search(**settings["search"])
    limits = tuple(Limit(**limit) for limit in settings["judged"])
    steps: list[Step] = []
    while (rate := next_rate(asked, steps)) is not None:
        figures = _tried(settings, folder, rate, asked.step_s)
        if figures is None or figures.problem is not None:
            why = "the load engine left no figures" if figures is None else ": ".join(figures.problem or ())
            steps.append(Step(rate_per_s=rate, why=why))
        else:
            steps.append(step_from(rate, figures, limits))
        _write(folder / settings["capacity"], write_capacity(capacity_of(steps)))
        with (folder / settings["shown"]).open("a", encoding="utf-8") as lines:
            lines.write(_line(steps[-1]) + "\n")
    return 0


def step_from(rate: float, figures: Figures, limits: tuple[Limit, ...]) -> Step:
    """One rate judged: broken limits count unless the generator itself explains them; what is unknown is told."""
    everything = all_together(figures.operations)
    step = Step(
        rate_per_s=rate,
        achieved_per_s=everything.answered / figures.window_s if figures.window_s > 0 else 0.0,
        mean_ms=measured(figures, "all", "mean"),
        p50_ms=measured(figures, "all", "p50"),
        p95_ms=measured(figures, "all", "p95"),
        p99_ms=measured(figures, "all", "p99"),
        errors=everything.failed / everything.requests if everything.requests else 0.0,
    )
    broken, unknown = [], []
    for limit in (one for one in limits if one.measure not in _RATES):
        value = measured(figures, limit.subject, limit.measure)
        if value is None:
            unknown.append(_said(limit))
            continue
        if not holds(limit, value):
            if (own := explains(figures, limit, value)) is not None:
                return dataclasses.replace(step, why=f"the load generator: {own}")
            broken.append(_said(limit))
    if broken:
        return dataclasses.replace(step, held=False, why="; ".join(broken))
    why = overloaded(figures) or ("nothing was answered" if not everything.answered else "")
    why = why or (f"it was ended early: {figures.aborted[0]}" if figures.aborted else "")
    why = why or (f"never measured: {'; '.join(unknown)}" if unknown else "")
    return dataclasses.replace(step, held=None if why or not figures.closed else True, why=why)


def _said(limit: Limit) -> str:
    return limit.text if limit.subject == "all" else f"{limit.subject}: {limit.text}"


def _tried(settings: dict[str, Any], folder: Path, rate: float, step_s: float) -> Figures | None:
    """One load run at a rate; None where it left nothing that can be read."""
    own = {**settings, "model": {"stages": [{"rate_per_s": rate, "for_s": step_s}]}}
    file, left = folder / "step.json", folder / settings["figures"]
    file.touch(mode=0o600)
    file.write_text(json.dumps(own))
    left.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "harness.kit.load", str(file)], check=False, stdin=subprocess.DEVNULL)
    file.unlink(missing_ok=True)
    try:
        return read_figures(left.read_bytes())
    except (OSError, ValueError):
        return None


def _line(step: Step) -> str:
    said = {True: "held", False: f"broke {step.why}", None: f"can't tell: {step.why}"}[step.held]
    p95 = "" if step.p95_ms is None else f"   p95 {step.p95_ms:.1f} ms"
    return f"{step.rate_per_s:g} /s{p95}   {said}"


def _write(path: Path, body: bytes) -> None:
    new = path.with_name(path.name + ".new")
    new.write_bytes(body)
    new.replace(path)


if __name__ == "__main__":
    told = Path(sys.argv[1])
    document = json.loads(told.read_bytes())
    told.unlink()
    sys.exit(search(document, told.parent))
