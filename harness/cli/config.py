"""`harness config TIER`: every setting and where it came from."""

import argparse
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root, load_tier
from harness.cli.asking import Out


def arguments(parser: argparse.ArgumentParser) -> None:
    """The tier."""
    parser.add_argument("tier", help="a file in environments/, without .toml")


def act(args: argparse.Namespace, out: Out) -> int:
    """Values and their sources; secrets are references, so nothing needs hiding."""
    tier = load_tier(find_root(Path.cwd()), args.tier, Host().environ)
    if out.json:
        settings = [{"key": one.key, "value": one.value, "source": one.source} for one in tier.settings]
        out.document("config", tier=tier.name, settings=settings, sha256=tier.sha256)
        return 0
    keys = max(len(setting.key) for setting in tier.settings)
    values = min(60, max(len(setting.value) for setting in tier.settings))
    for setting in tier.settings:
        out.result(f"{setting.key:<{keys}}  {setting.value:<{values}}  {setting.source}")
    return 0
