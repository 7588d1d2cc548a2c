"""A template rendered for one request: bounded in steps and in what comes out, and the same for the same draws.

What a request holds is only ever a value here: it is never read as a template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from harness.mocks.draws import Draws
from harness.mocks.templating.parsing import Block, Call, Expression, Literal, Nodes, NotATemplate, Output, Path, Text
from harness.mocks.templating.values import is_true, member, text_of

_MOST_STEPS = 100_000
_MOST_TEXT = 4 * 1024 * 1024


class TemplateFailed(Exception):
    """A template that could not be rendered for a request; the message says why."""


@dataclass(slots=True)
class Scope:
    """Where a name is looked up: block parameters, then the value itself, then the scope around it."""

    this: Any
    parent: "Scope | None" = None
    names: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    def find(self, key: str) -> Any:
        """The value of a name, None where nobody knows it."""
        scope: Scope | None = self
        while scope is not None:
            if key in scope.names:
                return scope.names[key]
            found = member(scope.this, key)
            if found is not None:
                return found
            scope = scope.parent
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A helper at work: its arguments, and the block around which it was written, if any."""

    name: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    scope: Scope
    rendering: "Rendering"
    block: Block | None = None

    def argument(self, at: int, otherwise: Any = None) -> Any:
        """An argument by its place."""
        return self.arguments[at] if at < len(self.arguments) else otherwise

    def text(self, at: int) -> str:
        """An argument as a text; what a block holds stands for the first one that is missing."""
        if at < len(self.arguments):
            return text_of(self.arguments[at])
        return self.body() if self.block is not None and at == len(self.arguments) else ""

    def body(self, this: Any = None, *, names: Mapping[str, Any] | None = None, **data: Any) -> str:
        """The block rendered, on another value where one is given."""
        assert self.block is not None
        if this is None and names is None:
            return self.rendering.nodes(self.block.body, self.scope)
        inner = Scope(this=this, parent=self.scope, names=dict(names or {}), data=data)
        return self.rendering.nodes(self.block.body, inner)

    def otherwise(self) -> str:
        """The part behind `else`."""
        return "" if self.block is None else self.rendering.nodes(self.block.otherwise, self.scope)

    def assign(self, name: str, value: Any) -> None:
        """A name for the rest of the template."""
        self.rendering.root.names[name] = value


Helper = Callable[[Called], Any]


class Rendering:
    """One rendering. `now_ms` is the time that `now` tells."""

    def __init__(self, helpers: Mapping[str, Helper], model: Mapping[str, Any], draws: Draws, now_ms: int) -> None:
        self.root = Scope(this=model)
        self.draws = draws
        self.now_ms = now_ms
        self._helpers = helpers
        self._steps = 0
        self._written = 0

    def nodes(self, nodes: Nodes, scope: Scope | None = None) -> str:
        """The text of some nodes."""
        scope = scope or self.root
        parts = []
        for node in nodes:
            self._step()
            match node:
                case Text(text=text):
                    part = text
                case Output(call=call):
                    part = text_of(self._value(call, scope))
                case Block():
                    part = self._block(node, scope)
                case _:
                    assert_never(node)
            self._written += len(part)
            if self._written > _MOST_TEXT:
                raise TemplateFailed(f"it writes more than {_MOST_TEXT} characters")
            parts.append(part)
        return "".join(parts)

    def _block(self, block: Block, scope: Scope) -> str:
        helper = self._helper(block.call)
        if helper is not None:
            return text_of(self._called(helper, block.call, scope, block))
        value = self._value(block.call, scope)
        if isinstance(value, list) and value:
            return text_of(self._helpers["each"](self._about(block, scope, value)))
        if not is_true(value):
            return self.nodes(block.otherwise, scope)
        return self.nodes(block.body, scope if value is True else Scope(this=value, parent=scope))

    def _about(self, block: Block, scope: Scope, value: Any) -> Called:
        return Called(name="each", arguments=(value,), named={}, scope=scope, rendering=self, block=block)

    def _value(self, expression: Expression, scope: Scope) -> Any:
        self._step()
        match expression:
            case Literal(value=value):
                return value
            case Path():
                return self._found(expression, scope)
            case Call():
                helper = self._helper(expression)
                if helper is not None:
                    return self._called(helper, expression, scope, None)
                return self._value(expression.name, scope)
        assert_never(expression)

    def _helper(self, call: Call) -> Helper | None:
        name = call.name
        if isinstance(name, Path) and len(name.segments) == 1 and not name.up and not name.data:
            return self._helpers.get(name.segments[0])
        return None

    def _called(self, helper: Helper, call: Call, scope: Scope, block: Block | None) -> Any:
        assert isinstance(call.name, Path)
        name = call.name.segments[0]
        called = Called(
            name=name,
            arguments=tuple(self._value(one, scope) for one in call.arguments),
            named={key: self._value(one, scope) for key, one in call.named},
            scope=scope,
            rendering=self,
            block=block,
        )
        try:
            return helper(called)
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise TemplateFailed(f"`{name}`: {error}") from None

    def _found(self, path: Path, scope: Scope) -> Any:
        at: Scope = scope
        for _ in range(path.up):
            at = at.parent or at
        if path.data:
            return self._data(path, at)
        if not path.segments:
            return at.this
        value = at.find(path.segments[0])
        for segment in path.segments[1:]:
            value = member(value, segment)
        return value

    def _data(self, path: Path, scope: Scope) -> Any:
        key, *rest = path.segments
        value: Any = None
        at: Scope | None = scope
        if key == "root":
            value = self.root.this
        else:
            while at is not None and key not in at.data:
                at = at.parent
            value = at.data[key] if at is not None else None
        for segment in rest:
            value = member(value, segment)
        return value

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TemplateFailed(f"it takes more than {_MOST_STEPS} steps")


def check_helpers(nodes: Nodes, helpers: Mapping[str, Helper], instead: Mapping[str, str]) -> None:
    """Refuse a template that calls a helper nobody knows; `instead` names what to write for some."""
    for node in nodes:
        match node:
            case Output(call=call):
                _check(call, helpers, instead)
            case Block(call=call, body=body, otherwise=otherwise):
                _check(call, helpers, instead)
                check_helpers(body, helpers, instead)
                check_helpers(otherwise, helpers, instead)
            case Text():
                pass
            case _:
                assert_never(node)


def _check(call: Call, helpers: Mapping[str, Helper], instead: Mapping[str, str]) -> None:
    name = call.name.segments[0] if isinstance(call.name, Path) and len(call.name.segments) == 1 else ""
    if name in instead:
        raise NotATemplate(f"the helper `{name}` is not supported: {instead[name]}")
    if (call.arguments or call.named) and name not in helpers:
        raise NotATemplate(f"`{name}` is not a helper; known: {', '.join(sorted(helpers))}")
    for one in (*call.arguments, *(value for _, value in call.named)):
        if isinstance(one, Call):
            _check(one, helpers, instead)
