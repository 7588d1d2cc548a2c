"""Handlebars, read: a template becomes a tree, and what is not understood is refused where it stands.

Paths, literals, sub-expressions, named arguments, blocks with `else` and block parameters, inverse sections, comments,
`{{{…}}}`, and `~` against white space. No partials and no decorators: a template here names no other file.
"""

import re
from dataclasses import dataclass
from typing import Any


class NotATemplate(ValueError):
    """A template that cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """`request.query.q`, `../name`, `@index`: `up` scopes, then the segments; `data` for names with `@`."""

    segments: tuple[str, ...]
    up: int = 0
    data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A text, a number, true, false or nothing."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A helper with its arguments; a path alone is a call without any."""

    name: "Path | Literal"
    arguments: tuple["Expression", ...] = ()
    named: tuple[tuple[str, "Expression"], ...] = ()


Expression = Path | Literal | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What goes out as it is."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """`{{…}}`."""

    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`{{#…}}…{{else}}…{{/…}}`; `parameters` are the names behind `as`."""

    call: Call
    body: "Nodes"
    otherwise: "Nodes"
    parameters: tuple[str, ...] = ()


Nodes = tuple[Text | Output | Block, ...]
_TAG = re.compile(
    r"\{\{!--.*?--~?\}\}|\{\{~?!.*?\}\}|\{\{\{~?(?P<raw>.*?)~?\}\}\}|\{\{(?P<left>~?)(?P<inside>.*?)(?P<right>~?)\}\}",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)(?=[\s)]|$)"
    r"|(?P<open>\()|(?P<close>\))|(?P<key>[A-Za-z_][\w-]*)=|(?P<as>as\s*\|(?P<names>[^|]*)\|)"
    r"|(?P<path>@?(?:\.\./)*(?:\.\.|\.|(?:\[[^\]]*\]|[^\s(){}\[\]|=\"'~]+?)+)(?=[\s)=]|$)))"
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_DEEPEST = 40
_LONGEST = 1024 * 1024


def parse_template(text: str) -> Nodes:
    """The tree of a template."""
    if len(text) > _LONGEST:
        raise NotATemplate(f"a template has at most {_LONGEST} characters")
    reader = _Reader(text)
    nodes, ended = reader.nodes(0)
    if ended is not None:
        raise NotATemplate(f"{{{{{ended}}}}} closes nothing")
    return nodes


class _Reader:
    """Walks over the tags of a template."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tags = list(_TAG.finditer(text))
        self._next = 0
        self._at = 0
        self._trim = False

    def nodes(self, depth: int) -> tuple[Nodes, str | None]:
        """Nodes up to a tag that ends them (`else …`, `^`, `/name`), which is given back."""
        if depth > _DEEPEST:
            raise NotATemplate("blocks are nested too deeply")
        found: list[Text | Output | Block] = []
        while self._next < len(self._tags):
            tag = self._tags[self._next]
            self._next += 1
            inside = self._upto(tag, found)
            if inside is None:
                continue
            if inside[:1] == "/" or inside == "^" or inside == "else" or inside.startswith("else "):
                return tuple(found), inside
            if inside[:1] == ">" or inside[:1] == "*" or inside.startswith(("#>", "#*")):
                raise NotATemplate(f"partials and decorators are not supported: {inside[:40]}")
            if inside[:1] in {"#", "^"}:
                found.append(self._block(inside[1:].strip(), depth, inverse=inside[0] == "^"))
            else:
                found.append(Output(call=_call(inside.removeprefix("&"))[0]))
        rest = self._text[self._at :]
        self._at = len(self._text)
        if rest:
            found.append(Text(text=rest.lstrip() if self._trim else rest))
        return tuple(found), None

    def _upto(self, tag: re.Match[str], found: list[Text | Output | Block]) -> str | None:
        """Take the text before a tag; gives the inside of the tag, None for a comment."""
        text = self._text[self._at : tag.start()]
        if self._trim:
            text = text.lstrip()
        if tag["left"] or tag[0].startswith(("{{~", "{{{~")):
            text = text.rstrip()
        if text:
            found.append(Text(text=text))
        self._at = tag.end()
        self._trim = tag[0].endswith(("~}}", "~}}}"))
        inside = tag["raw"] if tag["raw"] is not None else tag["inside"]
        return None if inside is None else inside.strip()

    def _block(self, inside: str, depth: int, *, inverse: bool) -> Block:
        call, parameters = _call(inside)
        body, ended = self.nodes(depth + 1)
        otherwise: Nodes = ()
        if ended is not None and not ended.startswith("/"):
            if ended.startswith("else "):
                otherwise, ended = (self._chained(ended[5:].strip(), depth + 1),), f"/{_named(call)}"
            else:
                otherwise, ended = self.nodes(depth + 1)
        if ended is None or ended[:1] != "/":
            raise NotATemplate(f"{{{{#{inside[:40]}}}}} is never closed")
        if ended[1:].strip() != _named(call):
            raise NotATemplate(f"{{{{{ended[:40]}}}}} closes {{{{#{inside[:40]}}}}}")
        if inverse:
            body, otherwise = otherwise, body
        return Block(call=call, body=body, otherwise=otherwise, parameters=parameters)

    def _chained(self, inside: str, depth: int) -> Block:
        """`{{else if …}}`: a block of its own inside, closed by the one around it."""
        if depth > _DEEPEST:
            raise NotATemplate("blocks are nested too deeply")
        call, parameters = _call(inside)
        body, ended = self.nodes(depth + 1)
        otherwise: Nodes = ()
        if ended is not None and ended.startswith("else "):
            otherwise = (self._chained(ended[5:].strip(), depth + 1),)
        elif ended is not None and not ended.startswith("/"):
            otherwise, ended = self.nodes(depth + 1)
        if ended is None:
            raise NotATemplate(f"{{{{else {inside[:40]}}}}} is never closed")
        return Block(call=call, body=body, otherwise=otherwise, parameters=parameters)


def _named(call: Call) -> str:
    return ("../" * call.name.up + ".".join(call.name.segments)) if isinstance(call.name, Path) else ""


def _call(text: str) -> tuple[Call, tuple[str, ...]]:
    expressions = _Expressions(text)
    call = expressions.call(0)
    if expressions.at < len(text.rstrip()):
        raise NotATemplate(f"not understood: {{{{{text[:60]}}}}}")
    return call, expressions.parameters


class _Expressions:
    """The inside of one tag."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self.parameters: tuple[str, ...] = ()

    def call(self, depth: int) -> Call:
        if depth > _DEEPEST:
            raise NotATemplate("expressions are nested too deeply")
        name = self._one(self._token(), depth)
        if isinstance(name, Call):
            raise NotATemplate(f"a helper has a name: {{{{{self._text[:60]}}}}}")
        arguments: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        while self.at < len(self._text.rstrip()):
            start = self.at
            token = self._token()
            if token["close"]:
                self.at = start
                break
            if token["as"]:
                self.parameters = tuple(token["names"].split())
            elif token["key"]:
                named.append((token["key"], self._one(self._token(), depth)))
            else:
                arguments.append(self._one(token, depth))
        return Call(name=name, arguments=tuple(arguments), named=tuple(named))

    def _token(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self.at)
        if token is None:
            raise NotATemplate(f"not understood: {{{{{self._text[:60]}}}}}")
        self.at = token.end()
        return token

    def _one(self, token: re.Match[str], depth: int) -> Expression:
        if token["open"]:
            inner = self.call(depth + 1)
            if not self._token()["close"]:
                raise NotATemplate(f"`(` is never closed: {{{{{self._text[:60]}}}}}")
            return inner
        if token["string"]:
            return Literal(value=re.sub(r"\\(['\"])", r"\1", token["string"][1:-1]))
        if token["number"]:
            number = token["number"]
            return Literal(value=float(number) if "." in number else int(number[:300]))
        if token["path"]:
            written = token["path"]
            return Literal(value=_WORDS[written]) if written in _WORDS else _path(written)
        raise NotATemplate(f"not understood: {{{{{self._text[:60]}}}}}")


def _path(written: str) -> Path:
    data = written.startswith("@")
    rest = written.removeprefix("@")
    up = 0
    while rest.startswith("../") or rest == "..":
        up += 1
        rest = rest[3:]
    segments = [one[1:-1] if one[:1] == "[" else one for one in re.findall(r"\[[^\]]*\]|[^.\[\]/]+", rest)]
    if segments[:1] == ["this"]:
        segments = segments[1:]
    return Path(segments=tuple(segments), up=up, data=data)
