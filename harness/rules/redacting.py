"""Nothing that is secret or personal stays in a text.

Four nets, each for what the others let through: by value (the secrets this run was given, in every
encoding), by shape, by name, and pseudonyms for people. Redacting twice changes nothing. What was
found is counted by kind, never kept. Bodies that are more than text (JSON, archives, pictures) are
taken apart in `harness.formats.redact_body`, which uses this.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.rules.redacting_base64 import decoded_base64
from harness.rules.redacting_escapes import layers_of
from harness.rules.redacting_names import hidden, hide_named, is_secret, may_name_a_secret
from harness.rules.redacting_shapes import hide_people, hide_secret_shapes
from harness.rules.redacting_values import TINY_BELOW, KnownValue, known_values

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_LINES_OF_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,80}(?:\\r)?(?:\\n|\r?\n)[ \t]*)+[A-Za-z0-9+/]*={0,2}"
)
_DEEPEST = 6
_SHORTEST_BASE64 = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A body that may be kept, or None and the sentence why it is withheld. `counts` by kind of what was hidden."""

    body: bytes | None
    counts: tuple[tuple[str, int], ...] = ()
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A secret that is still there: which, how it is written, and where (member of an archive, offset)."""

    name: str
    encoding: str
    where: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """What to hide. Make it with `redactor_for`; `key` binds pseudonyms to one run."""

    values: tuple[KnownValue, ...]
    key: bytes
    notes: tuple[str, ...] = ()
    depth: int = 0

    def redact_text(self, text: str, counts: Counter[str] | None = None) -> str:
        """The text as it may be shown; `counts` is added to."""
        return self.narrowed(text).redact_piece(text, Counter() if counts is None else counts)

    def narrowed(self, text: str) -> "Redactor":
        """The same redactor with only the values that occur in `text`, for going through its pieces quickly."""
        if not self.values:
            return self
        layers = (*layers_of(text), "".join(text.split()))
        inner = decoded_inside(text)
        active = tuple(value for value in self.values if value.occurs_in(layers) or (inner and value.occurs_in(inner)))
        return replace(self, values=active)

    def redact_piece(self, text: str, counts: Counter[str]) -> str:
        """A piece of a text that this redactor was narrowed to."""
        for value in self.values:
            text, times = value.replace(text)
            if times:
                counts[f"value:{value.name}"] += times
        if len(text) < TINY_BELOW:
            return text
        text = self._inside_base64(text, counts)
        text = hide_secret_shapes(text, lambda kind: _add(counts, f"shape:{kind}"))
        if may_name_a_secret(text):
            text = hide_named(text, lambda name: _add(counts, f"name:{name}"))
        return hide_people(text, self.key, lambda kind: _add(counts, kind))

    def redact_named(self, name: str, text: str, counts: Counter[str]) -> str:
        """The value of something called `name`: hidden for its name, else as any text."""
        if is_secret(name):
            after = hidden(name, text)
            if after != text:
                _add(counts, f"name:{name.lower()}")
            text = after
        return self.redact_piece(text, counts)

    def survivors(self, text: str, where: str) -> Iterator[Hit]:
        """The known values that can still be found in a text, however written; it says nothing of shapes or names."""
        wrapped = ("".join(text.split()),)
        ways = (("", layers_of(text)), (" inside base64", decoded_inside(text)), (" over several lines", wrapped))
        for value in self.values:
            hits = (
                Hit(name=value.name, encoding=found[0] + how, where=where, offset=found[1])
                for how, layers in ways
                if not (value.bounded and layers is wrapped)
                for layer in layers
                if (found := value.written_in(layer))
            )
            if hit := next(hits, None):
                yield hit

    def _inside_base64(self, text: str, counts: Counter[str]) -> str:
        if self.depth >= _DEEPEST or len(text) < _SHORTEST_BASE64:
            return text

        def clean(run: str) -> str:
            decoded = decoded_base64(run)
            if decoded is None:
                return run
            inner, write = decoded
            after = replace(self, depth=self.depth + 1).redact_piece(inner, counts)
            return run if after == inner else write(after)

        def clean_lines(match: re.Match[str]) -> str:
            joined = re.sub(r"\\[rn]|\s", "", match[0])
            after = clean(joined)
            return match[0] if after == joined else after

        if "\n" in text or "\\n" in text:
            text = _LINES_OF_BASE64.sub(clean_lines, text)
        return _BASE64.sub(lambda match: clean(match[0]), text)


def redactor_for(secrets: Mapping[str, str], *, key: bytes) -> Redactor:
    """A redactor for the secrets of one run, by name. `key` (any bytes, made per run) binds the pseudonyms.

    `notes` of the result say in sentences what could only be hidden in part.
    """
    notes = []
    values: dict[str, KnownValue] = {}
    mask = _masks(tuple(secrets.values()))
    for name, value in secrets.items():
        if not value.strip():
            notes.append(f"the secret {name} is empty: there is nothing to hide")
        elif len(value) < TINY_BELOW:
            notes.append(
                f"the secret {name} has only {len(value)} characters: it is hidden where it stands as a word "
                "of its own, and can't be told from ordinary text elsewhere; use a longer one"
            )
        for known in known_values(name, value, mask(name)):
            values.setdefault(known.value, known)
    longest_first = sorted(values.values(), key=lambda known: -len(known.value))
    return Redactor(values=tuple(longest_first), key=key, notes=tuple(notes))


def with_secrets(redactor: Redactor, more: Mapping[str, tuple[str, ...]]) -> Redactor:
    """The same redactor knowing further values, several under one name."""
    known = {one.value: one for one in redactor.values}
    mask = _masks((*known, *(value for values in more.values() for value in values)))
    for name, values in more.items():
        for value in values:
            for one in known_values(name, value, mask(name)):
                known.setdefault(one.value, one)
    return replace(redactor, values=tuple(sorted(known.values(), key=lambda one: -len(one.value))))


def _masks(secrets: tuple[str, ...]) -> Callable[[str], str]:
    """What is shown instead of a secret: its name, unless that would show a secret."""

    def mask(name: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
        for shown in (f"[redacted:{plain}]", "[redacted]", "[***]", "[…]"):
            if not any(secret and secret in shown for secret in secrets):
                return shown
        return "█"

    return mask


def decoded_inside(text: str) -> tuple[str, ...]:
    """What the Base64 in a text says, and the Base64 in that, as layers to look through."""
    layers: tuple[str, ...] = ()
    text = _LINES_OF_BASE64.sub(lambda match: "".join(match[0].split()) + "\n", text)
    for _ in range(_DEEPEST):
        found = [decoded[0] for match in _BASE64.finditer(text) if (decoded := decoded_base64(match[0]))]
        if not found:
            break
        text = "\n".join(found)
        layers += layers_of(text)
    return layers


def _add(counts: Counter[str], kind: str) -> None:
    counts[kind] += 1
