"""What is built into a tier, what a variable may say of it, and how a stronger file takes the place of a weaker one."""

from collections.abc import Mapping
from typing import Any

from harness.errors import Place, Problem
from harness.formats.policy_toml import DEFAULT_STATUSES
from harness.formats.secret_toml import KEPT_IN
from harness.formats.toml_layers import Layers, Path, variable_for
from harness.formats.toml_table import nearest
from harness.model.tier import Mocks

BUILT_INS: Mapping[str, Any] = {
    "order": 1,
    "purpose": "",
    "policy": {
        "mocks": Mocks.FORBIDDEN.value,
        "hosts": ["{systems}", "{dependencies}"],
        "methods": ["all"],
        "confirm": False,
        "contract-examples": 30,
        "contract-deadline": "240 s",
    },
    "coverage": {"statuses": list(DEFAULT_STATUSES)},
}
_UNSET: Mapping[Path, object] = {
    ("policy", "suites"): [],
    ("policy", "rate"): "",
    ("policy", "operations"): [],
    ("policy", "body"): "",
    ("policy", "concurrency"): 0,
    ("policy", "windows"): [],
    ("policy", "who-may-run"): [],
    ("policy", "alarm"): "",
}
_OF_A_SERVICE: Mapping[str, object] = {"image": "", "kinds": [], "url": "", "embedded": "", "binaries": ""}


def override(whole: Layers, environment: Mapping[str, str], flags: Mapping[str, str]) -> list[Problem]:
    """Variables, then flags. A variable for a policy that does not exist is a problem: it was meant to protect."""
    unset = {**_UNSET, **_unset_of_services(whole.merged)}
    by_variable = {variable_for(path): path for path in (*unset, *whole.sources)}
    for variable, path in by_variable.items():
        if variable in environment:
            whole.put_text(path, environment[variable], f"${variable}", unset.get(path))
    for key, value in flags.items():
        path = tuple(key.split("."))
        whole.put_text(path, value, f"--{key}", unset.get(path))
    known = sorted(one for one in by_variable if one.startswith("HARNESS_POLICY_"))
    return [
        Problem(message=f"${one} sets nothing", place=Place(file=f"${one}"), hint=nearest(one, known))
        for one in sorted(environment)
        if one.startswith("HARNESS_POLICY_") and one not in by_variable
    ]


def _unset_of_services(merged: Mapping[str, Any]) -> dict[Path, object]:
    """What a variable may say of a service, whether or not a file does."""
    services = merged.get("services")
    names = services if isinstance(services, Mapping) else {}
    return {("services", name, key): like for name in names for key, like in _OF_A_SERVICE.items()}


def replaced_whole(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """A reference to a read_secret, and the auth of another kind, are never mixed from two files."""
    if path[-1] == "auth":
        return bool(new.get("kind", old.get("kind")) != old.get("kind"))
    if path[-1] == "start" or (len(path) == 2 and path[0] == "services"):
        return False
    return bool(new) and new.keys() <= {*KEPT_IN, "default"}


def displaced(path: Path, new: Mapping[str, Any]) -> frozenset[str]:
    """Who answers for a dependency in a stronger file takes the place of who did in a weaker one."""
    answers = frozenset({"mock", "real", "start"})
    return answers if len(path) == 2 and path[0] == "dependencies" and answers & new.keys() else frozenset()
