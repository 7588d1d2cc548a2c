"""One flat document out of many files: every `$ref` in it starts with `#/`.

Engines fetch what a document names, so nothing that points outside may reach them.
Files under the contract's own folder are taken in whole, below `x-files`; anything
else (http, https, file, another folder) is refused and named.
"""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from urllib.parse import unquote

from harness.errors import HarnessError, Place, Problem
from harness.formats.marked import Marked
from harness.formats.openapi_walk import BUNDLED, Holder, nearest, references, resolve, taken_anchors

_NESTED = frozenset((dict, list))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of the contract, and from each mapping of its copy to the one that was read."""

    marked: Marked
    originals: Mapping[int, Any]

    def place(self, holder: Holder) -> Place:
        """Where a reference is written."""
        return self.marked.place(self.originals.get(id(holder.mapping)), holder.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A reference that cannot be followed. `path` leads to the mapping that holds it, in the flat document."""

    path: tuple[str | int, ...]
    ref: str
    problem: Problem


@dataclass(slots=True)
class Bundle:
    """The files of one contract, flattened as they are reached."""

    load: Callable[[str], Marked]
    root: str
    folder: str
    document: dict[str, Any] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def flatten(self, first: Marked) -> None:
        """Copy in the first document and every file it reaches; then check that each reference leads somewhere."""
        held: list[tuple[Holder, Written]] = []
        queue: list[tuple[str, Marked]] = [(self.root, first)]
        while queue:
            file, marked = queue.pop(0)
            originals: dict[int, Any] = {}
            copied = _copied(marked.value, originals)
            written = Written(marked=marked, originals=originals)
            base = self._put_in(file, copied)
            anchors = taken_anchors(copied, base)
            for holder in references(copied, base):
                before = len(self.broken)
                if (opened := self._redirect(holder, file, anchors, written)) is not None:
                    queue.append(opened)
                if len(self.broken) == before:
                    held.append((holder, written))
        followed: set[str] = set()
        for holder, written in held:
            if str(holder.mapping[holder.key]) not in followed:
                self._follow(holder, written, followed)

    def _put_in(self, file: str, copied: dict[str, Any]) -> tuple[str | int, ...]:
        if file == self.root:
            self.document = copied
            return ()
        self.document.setdefault(BUNDLED, {})[self.names[file]] = copied
        return (BUNDLED, self.names[file])

    def _redirect(
        self, holder: Holder, file: str, anchors: Mapping[str, str], written: Written
    ) -> tuple[str, Marked] | None:
        """Point one reference into the flat document; the file that has to be read for it, if any."""
        ref = str(holder.mapping[holder.key])
        if ref in anchors:
            holder.mapping[holder.key] = anchors[ref]
            return None
        address, _, pointer = ref.partition("#")
        if pointer and not pointer.startswith("/"):
            self._break(holder, f"`{ref}` names no anchor of this document", written, "use a `#/…` pointer")
            return None
        if not address:
            holder.mapping[holder.key] = self._into(file, pointer)
            return None
        target = self._allowed(holder, address, file, written)
        if target is None:
            return None
        if target == self.root or target in self.names:
            holder.mapping[holder.key] = self._into(target, pointer)
            return None
        try:
            marked = self.load(target)
        except (HarnessError, OSError) as error:
            why = error.problems[0].message if isinstance(error, HarnessError) else "there is no such file"
            self._break(holder, f"`$ref: {ref}` cannot be followed: {target}: {why}", written, "correct the path")
            return None
        if not isinstance(marked.value, dict):
            self._break(holder, f"`$ref: {ref}` leads to a file that is not a mapping", written, "correct the path")
            return None
        self.names[target] = target.replace("~", "-").replace("/", ".")
        holder.mapping[holder.key] = self._into(target, pointer)
        return target, marked

    def _allowed(self, holder: Holder, address: str, file: str, written: Written) -> str | None:
        ref = str(holder.mapping[holder.key])
        plain = unquote(address)
        if ":" in plain or plain.startswith(("/", "\\")) or "\\" in plain or "\x00" in plain:
            self._break(
                holder,
                f"`$ref: {ref}` points outside the workspace",
                written,
                "nothing is fetched while a contract is read: save that document beside this one and refer to the file",
            )
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), plain))
        inside = target == self.folder or self.folder in {"", "."} or target.startswith(self.folder + "/")
        if target.startswith("../") or target == ".." or not inside:
            where = f"`{self.folder}/`" if self.folder else "the contract's folder"
            self._break(holder, f"`$ref: {ref}` leaves {where}", written, f"move the file below {where}")
            return None
        return target

    def _into(self, file: str, pointer: str) -> str:
        return "#" + pointer if file == self.root else f"#/{BUNDLED}/{self.names[file]}{pointer}"

    def _follow(self, holder: Holder, written: Written, followed: set[str]) -> None:
        """Follow one reference, and the references it leads to, to something that is not a reference.

        References that were followed to the end are not followed again.
        """
        ref, seen = str(holder.mapping[holder.key]), set[str]()
        at: object = holder.mapping
        while True:
            if ref in seen:
                self._break(holder, f"`$ref: {ref}` leads back to itself and says nothing", written, "give it content")
                return
            seen.add(ref)
            try:
                at = resolve(self.document, ref)
            except LookupError:
                near = nearest(self.document, ref)
                self._break(
                    holder, f"`$ref: {ref}` leads nowhere", written, f"did you mean `{near}`?" if near else None
                )
                return
            if not _is_only_a_reference(at):
                followed |= seen
                return
            ref = at["$ref"]

    def _break(self, holder: Holder, message: str, written: Written, hint: str | None) -> None:
        ref = str(holder.mapping[holder.key])
        place = written.place(holder)
        self.broken.append(Broken(path=holder.path, ref=ref, problem=Problem(message=message, place=place, hint=hint)))


def _is_only_a_reference(at: object) -> TypeGuard[dict[str, Any]]:
    if not (isinstance(at, dict) and isinstance(at.get("$ref"), str) and at["$ref"].startswith("#")):
        return False
    return not (len(at) > 1 and any(key not in {"$ref", "description", "summary"} for key in at))


def _copied(value: Any, written: dict[int, Any]) -> Any:
    """A copy that may be changed, no two places sharing a mapping; `written` leads from each to its original."""
    if type(value) is dict:
        made: Any = {key: _copied(item, written) if type(item) in _NESTED else item for key, item in value.items()}
        written[id(made)] = value
        return made
    if type(value) is list:
        return [_copied(item, written) if type(item) in _NESTED else item for item in value]
    return value
