"""`[scripts.env]` of a tier: what its scripts (contract hooks, load users, UAT) find in their environment.

Scripts get a small clean environment, so that nothing of ours leaks into them; what one needs beyond that, a tier
grants by name. Values may refer to secrets; whatever steers the engines themselves can't be set here.
"""

import re
from collections.abc import Callable, Collection

from harness.formats.toml_table import Table
from harness.model.secret import SecretRef

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OURS = re.compile(
    r"(HARNESS|PYTEST|PLAYWRIGHT|LOCUST|SCHEMATHESIS|HYPOTHESIS|LD|DYLD|NODE)_.*|PYTHON.*|LOCALE|LC_ALL|PATH|HOME|TMPDIR"
)
_PLACE = re.compile(r"\{([^}]*)\}")

Granted = tuple[tuple[str, str | SecretRef], ...]


def read_scripts(top: Table, secret: Callable[[Table, str], SecretRef | None], *, owners: Collection[str]) -> Granted:
    """What is granted. `owners` are the places that a text may name: `systems.orders.url`."""
    table = top.table("scripts")
    env = table.table("env") if table is not None else None
    granted: list[tuple[str, str | SecretRef]] = []
    for name in env.keys() if env is not None else ():
        assert env is not None
        value = env.raw(name)
        if not _NAME.fullmatch(name):
            env.wrong(name, f"`{name}` is no name of a variable", "letters, digits and underscores")
        elif _OURS.fullmatch(name.upper()):
            env.wrong(name, f"`{name}` steers the engines and can't be granted to scripts", "give it another name")
        elif not isinstance(value, str):
            reference = secret(env, name)
            granted += [(name, reference)] if reference is not None else []
        elif unknown := [place for place in _PLACE.findall(value) if place not in owners]:
            known = ", ".join(f"{{{one}}}" for one in sorted(owners))
            env.wrong(name, f"`{name}` names an unknown place {{{unknown[0]}}}", f"known places: {known}")
        else:
            granted.append((name, value))
    if table is not None:
        table.finish()
    return tuple(granted)


def places_of(systems: Collection[str], dependencies: Collection[str]) -> tuple[str, ...]:
    """Every place that a script's environment may name."""
    return ("run", *(f"systems.{one}.url" for one in systems), *(f"dependencies.{one}.url" for one in dependencies))
