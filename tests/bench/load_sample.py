"""1,000 requests/s against the sample, by the product's own command: what p99 the sample has, and who was the limit.

    python tests/bench/load_sample.py [--rate 1000] [--secs 60]

The workspace of this repository is copied, its load profile replaced by one of that rate; the sample is held to
core 0 and everything else to core 1.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.formats.load_figures import read_figures
from harness.model.figures import Figures
from harness.rules.limits import all_together, measured
from harness.rules.saturation import late_ms, overloaded

ROOT = Path(__file__).parents[2]
FOLDERS = ("contracts", "mocks", "load", "uat", "environments")


def workspace(into: Path, rate: float, secs: float) -> None:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, into / folder)
    shutil.copy(ROOT / "pyproject.toml", into)
    profile = into / "load" / "checkout.toml"
    arrivals = f'[profiles.smoke]\narrivals = "{rate:g} /s for {secs:g} s"\nwarm-up = "6 s"'
    profile.write_text(re.sub(r"\[profiles\.smoke\]\narrivals[^\n]*\nwarm-up[^\n]*", arrivals, profile.read_text()))
    tier = into / "environments" / "test.toml"
    started = '["python", "-m", "harness.sample",'
    pinned = started.replace('"python"', f'"taskset", "-c", "0", "{sys.executable}"')
    tier.write_text(tier.read_text().replace(started, pinned))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rate", type=float, default=1000)
    ask.add_argument("--secs", type=float, default=60)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        workspace(here, asked.rate, asked.secs)
        command = ["taskset", "-c", "1", sys.executable, "-m", "harness", "run", "test", "--only", "load", "-q"]
        ended = subprocess.run(command, cwd=here, env=dict(os.environ), capture_output=True, text=True, check=False)
        files = sorted((here / ".harness" / "runs").glob("*/evidence/*"))
        figures = next(filter(None, map(figures_in, files)), None)
    if figures is None:
        sys.exit(f"nothing was measured:\n{ended.stdout}{ended.stderr}")
    everything, generator = all_together(figures.operations), figures.generator
    print(f"asked {asked.rate:g} /s for {asked.secs:g} s: {figures.arrivals} arrivals, {figures.dropped} dropped")
    print(f"achieved {everything.answered / figures.window_s:.1f} /s, {everything.failed} failed")
    print(", ".join(f"{name} {measured(figures, 'all', name) or 0:.1f} ms" for name in ("p50", "p95", "p99", "max")))
    print(f"generator: {generator.cpu_share:.0%} of a core, {late_ms(figures, 99):.1f} ms late at p99")
    print(f"the generator was the limit: {overloaded(figures) or 'no'}")


def figures_in(file: Path) -> Figures | None:
    try:
        return read_figures(file.read_bytes())
    except ValueError:
        return None


if __name__ == "__main__":
    main()
