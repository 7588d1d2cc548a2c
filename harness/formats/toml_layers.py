"""Settings written in several places, where the strongest wins and every value remembers its source.

Weakest first: built-in, files in their order, `HARNESS_<SECTION>_<KEY>` in the environment, flags. What
belongs together (a secret reference, say) is replaced whole, never mixed from two places. A problem
points into the file, at the variable or at the flag that the value came from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.errors import Place
from harness.formats.toml_secrets import may_hold_a_secret
from harness.formats.toml_table import Table

Path = tuple[str, ...]
BUILT_IN = "built-in"


@dataclass(slots=True)
class Layers:
    """What was put on top of each other so far.

    `whole(path, old, new)` says whether a new table replaces an old one whole, `displaced(path, new)` which
    keys of the old one go because of what the new one holds.
    """

    whole: Callable[[Path, Mapping[str, Any], Mapping[str, Any]], bool]
    displaced: Callable[[Path, Mapping[str, Any]], frozenset[str]]
    merged: dict[str, Any] = field(default_factory=dict)
    sources: dict[Path, str] = field(default_factory=dict)

    def put_table(self, data: Mapping[str, Any], source: str) -> None:
        """A stronger table over all that is there."""
        self._merge(self.merged, data, source, ())

    def put_text(self, path: Path, text: str, source: str, like: object = None) -> None:
        """One value as text, from a variable or a flag; it is read like what it replaces, else like `like`."""
        at = self.merged
        for key in path[:-1]:
            if not isinstance(at.get(key), dict):
                at[key] = {}
            at = at[key]
        old = at.get(path[-1], like)
        self._forget(path)
        at[path[-1]] = _read_like(old, text)
        self.sources[path] = source

    def shown(self) -> tuple[tuple[str, Any, str], ...]:
        """(dotted key, value, source) of everything, by key."""
        rows = []
        for path, source in sorted(self.sources.items()):
            value: Any = self.merged
            for key in path:
                value = value[key]
            rows.append((dotted(path), value, source))
        return tuple(rows)

    def _merge(self, into: dict[str, Any], data: Mapping[str, Any], source: str, path: Path) -> None:
        for key in self.displaced(path, data) & into.keys():
            del into[key]
            self._forget((*path, key))
        for key, value in data.items():
            here = (*path, key)
            if not isinstance(value, Mapping):
                self._forget(here)
                into[key] = value
                self.sources[here] = source
                continue
            old = into.get(key)
            if not isinstance(old, dict) or self.whole(here, old, value):
                self._forget(here)
                into[key] = {}
            self._merge(into[key], value, source, here)

    def _forget(self, path: Path) -> None:
        for known in [known for known in self.sources if known[: len(path)] == path]:
            del self.sources[known]


def variable_for(path: Path) -> str:
    """`HARNESS_POLICY_RATE` for ("policy", "rate")."""
    return "HARNESS_" + "_".join(path).upper().replace("-", "_").replace(".", "_")


def dotted(path: Path) -> str:
    """`systems.orders.base-url`; a part that holds a dot stands in quotes."""
    return ".".join(f'"{part}"' if "." in part else part for part in path)


class Layered(Table):
    """The merged table, whose problems point to where the value came from."""

    def __init__(self, layers: Layers, files: list[Table], path: Path = (), data: Any = None) -> None:
        strongest = files[-1]
        whole = layers.merged if data is None else data
        super().__init__(whole, file=strongest.file, lines=(), places={}, path=path, problems=strongest.problems)
        self._layers = layers
        self._files = files

    def place(self, key: str | None = None) -> Place:
        """Where a key stands in the strongest place that has it, else in the strongest file.

        A line that may hold a secret is named by its number and not shown: errors end up in logs.
        """
        path = (*self.path, key) if key is not None else self.path
        found = self._found(path)
        secret = may_hold_a_secret(found.text or "", path)
        return replace(found, text=None, column=None) if secret else found

    def _found(self, path: Path) -> Place:
        source = self._layers.sources.get(path, "")
        if source[:1] in {"$", "-"}:
            return Place(file=source)
        named = next((file for file in self._files if file.file == source), None)
        holding = next((file for file in reversed(self._files) if _holds(file.data, path)), None)
        return (named or holding or self._files[-1]).place_of(path)

    def _inside(self, data: Mapping[str, Any], *keys: str) -> "Table":
        return Layered(self._layers, self._files, (*self.path, *keys), data)


def _holds(data: Any, path: Path) -> bool:
    for key in path:
        if isinstance(data, list) and key[:1] == "#":
            data = dict(enumerate(data)).get(int(key[1:]))
        elif isinstance(data, Mapping) and key in data:
            data = data[key]
        else:
            return False
    return True


def _read_like(old: object, text: str) -> Any:
    """`text` as the kind of value that `old` is; unchanged where it is no such value, so that it is refused."""
    if isinstance(old, bool):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    if isinstance(old, int):
        return int(text) if text.removeprefix("-").isdecimal() and len(text) < 19 else text
    if isinstance(old, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
