"""A value that a schema accepts, the same for the same seed.

Proposals are made by reading the schema (`allOf` merged, one branch of `anyOf`/`oneOf` chosen, optional
properties kept while there is room) and the compiled validator has the last word: what it refuses is
drawn again, leaner each time. A schema that no proposal satisfies raises `CannotMake`.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from harness.mocks.draws import Draws
from harness.mocks.merging import kinds_of, merged
from harness.mocks.patterns import search
from harness.mocks.schemas import Book, violations_of
from harness.mocks.texts import formatted, matching, words

_TRIES = 48
_ROOM = 1500
_DEEP = 24
_USUAL = ("date-time", "date", "uuid", "email")


class CannotMake(Exception):
    """No value could be found that the schema accepts."""


def generate(book: Book, entry: str, *seed: object, examples: bool = True) -> Any:
    """A valid value for an entry of the book; with `examples`, those written inside the schema are preferred."""
    validator = book.validator(entry)
    why = "nothing was proposed"
    for attempt in range(_TRIES):
        maker = _Maker(book, Draws(*seed, attempt), attempt, examples=examples)
        try:
            value = maker.make(book.entries[entry], 0)
        except (CannotMake, RecursionError) as error:
            why = str(error) or "it recurses without end"
            continue
        found = violations_of(validator, value, "value", 1)
        if not found:
            return value
        why = str(found[0])
    raise CannotMake(f"no value was found in {_TRIES} tries; the last: {why}")


def propose(book: Book, schema: Any, *seed: object) -> Any:
    """A value for a part of a schema, not validated; None where nothing can be proposed."""
    try:
        return _Maker(book, Draws(*seed), 0, examples=True).make(schema, 0)
    except (CannotMake, RecursionError):
        return None


class _Maker:
    """One proposal. Later attempts keep less: no examples after the first, no optional properties after some."""

    def __init__(self, book: Book, draws: Draws, attempt: int, *, examples: bool) -> None:
        self._book = book
        self._draws = draws
        self._examples = examples and attempt == 0
        self._attempt = attempt
        self._optional = attempt % 4 != 3
        self._room = _ROOM

    def make(self, schema: Any, depth: int) -> Any:
        """A proposal for a schema of the book."""
        self._room -= 1
        schema = self._settled(schema, depth)
        if schema is False:
            raise CannotMake("a schema accepts nothing")
        if schema is True or not schema:
            return words(self._draws, 0, None)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list):
            return self._draws.pick(schema["enum"]) if self._attempt else schema["enum"][0]
        if self._examples:
            for key in ("example", "examples", "default"):
                found = schema.get(key)
                found = found[0] if key == "examples" and isinstance(found, list) and found else found
                if found is not None and key in schema and not isinstance(found, list | dict):
                    return found
        return self._of_kind(self._kind(schema), schema, depth)

    def _settled(self, schema: Any, depth: int) -> Any:
        """References followed, `allOf` merged, a branch of `anyOf` and `oneOf` chosen."""
        for _ in range(64):
            if not isinstance(schema, Mapping):
                return schema
            rest = dict(schema)
            if "$ref" in rest:
                schema = merged(self._book.entries[str(rest.pop("$ref")).rpartition("/")[2]], rest)
            elif "allOf" in rest:
                schema = rest
                for part in rest.pop("allOf"):
                    schema = merged(schema, self._settled(part, depth))
            elif "anyOf" in rest:
                schema = merged(rest, self._branch(rest.pop("anyOf"), depth))
            elif "oneOf" in rest:
                schema = merged(rest, self._branch(rest.pop("oneOf"), depth))
            elif "if" in rest:
                condition, then, other = rest.pop("if"), rest.pop("then", True), rest.pop("else", True)
                taken = self._attempt % 2 == 0
                schema = merged(merged(rest, self._settled(condition, depth)), then) if taken else merged(rest, other)
            else:
                return schema
        raise CannotMake("references lead back to themselves")

    def _branch(self, branches: Any, depth: int) -> Any:
        if not branches:
            return True
        if depth > 3 or self._room < 0:
            return min(branches, key=lambda one: self._height(one, frozenset()))
        return self._draws.pick(branches) if self._attempt else branches[0]

    def _height(self, schema: Any, seen: frozenset[str]) -> int:
        """About how deep a value must be; large for what leads back to itself."""
        if not isinstance(schema, Mapping):
            return 0
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            if seen:
                return 99 if name in seen or len(seen) > 12 else self._height(self._book.entries[name], seen | {name})
            if name not in self._book.heights:
                self._book.heights[name] = self._height(self._book.entries[name], frozenset((name,)))
            return self._book.heights[name]
        heights = [self._height(one, seen) for one in schema.get("allOf", ())]
        choices = [schema[key] for key in ("anyOf", "oneOf") if schema.get(key)]
        heights += [min(self._height(one, seen) for one in choice) for choice in choices]
        properties = schema.get("properties", {})
        heights += [1 + self._height(properties.get(name), seen) for name in schema.get("required", ())]
        if schema.get("minItems", 0) and "items" in schema:
            heights.append(1 + self._height(schema["items"], seen))
        return min(99, max(heights, default=0))

    def _kind(self, schema: Mapping[str, Any]) -> str:
        kinds = kinds_of(schema)
        if "type" not in schema:
            hinted = [kind for kind, keys in _HINTS.items() if any(key in schema for key in keys)]
            kinds = tuple(hinted) or kinds
        usable = [kind for kind in kinds if kind != "null"] or list(kinds)
        if self._attempt == 0:
            return usable[0]
        return self._draws.pick(kinds if self._attempt > 8 else usable)

    def _of_kind(self, kind: str, schema: Mapping[str, Any], depth: int) -> Any:
        match kind:
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return self._draws.pick((True, False))
            case "array":
                return self._array(schema, depth)
            case "object":
                return self._object(schema, depth)
        return None

    def _text(self, schema: Mapping[str, Any]) -> str:
        shortest, longest = int(schema.get("minLength", 0)), schema.get("maxLength")
        if "pattern" in schema:
            text = self._patterned(str(schema["pattern"]), schema.get("format"), shortest, longest)
            if text is not None:
                return text
        if "format" in schema:
            text = formatted(str(schema["format"]), self._draws)
            if text is not None:
                return text
        return words(self._draws, shortest, None if longest is None else int(longest))

    def _patterned(self, pattern: str, named: Any, shortest: int, longest: Any) -> str | None:
        """A text of the format where the pattern takes it, of a usual format, else one written for the pattern."""
        for name in (str(named),) if named else _USUAL:
            text = formatted(name, self._draws)
            if text is not None and self._attempt == 0 and search(pattern, text, whole=False):
                fits = len(text) >= shortest and (longest is None or len(text) <= longest)
                if fits and not search(pattern, "a-1", whole=False):
                    return text
        return matching(pattern, self._draws, shortest, longest)

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> int | float:
        if whole and _SPECIAL.isdisjoint(schema):
            return self._whole(schema.get("minimum"), schema.get("maximum"))
        step = Fraction(str(schema["multipleOf"])) if schema.get("multipleOf") else Fraction(1 if whole else "0.01")
        if whole and step.denominator != 1:
            step = Fraction(step.numerator)
        low, high = _window(schema)
        if low is None and high is None:
            low, high = Fraction(0), max(Fraction(1000), 10 * step)
        elif low is None and high is not None:
            low = min(high - 1000, high - 10 * step)
        elif high is None and low is not None:
            high = max(low + 1000, low + 10 * step)
        assert low is not None
        assert high is not None
        first, last = -((-low) // step), high // step
        if "exclusiveMinimum" in schema and first * step <= Fraction(str(schema["exclusiveMinimum"])):
            first += 1
        if "exclusiveMaximum" in schema and last * step >= Fraction(str(schema["exclusiveMaximum"])):
            last -= 1
        if first > last:
            if whole or "multipleOf" in schema:
                raise CannotMake("no number fits the bounds")
            return float((low + high) / 2)
        value = step * self._draws.between(int(first), int(last))
        return int(value) if value.denominator == 1 and (whole or self._attempt % 2 == 0) else float(value)

    def _whole(self, low: Any, high: Any) -> int:
        """A whole number within bounds, without the exact fractions that other numbers need."""
        first = ceil(low) if low is not None else min(0, floor(high) - 1000) if high is not None else 0
        last = floor(high) if high is not None else first + 1000
        if first > last:
            raise CannotMake("no number fits the bounds")
        return self._draws.between(first, last)

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        fewest = int(schema.get("minItems", 0))
        most = int(schema["maxItems"]) if "maxItems" in schema else None
        items = schema.get("items", True)
        lean = depth > 3 or self._room < 0 or depth > _DEEP
        count = fewest if lean else max(fewest, 1)
        if self._attempt and not lean:
            count += self._draws.between(0, 1)
        if items is False:
            count = 0
        prefix = schema.get("prefixItems", [])
        count = max(count, len(prefix)) if most is None else min(max(count, len(prefix)), most)
        made: list[Any] = []
        if "contains" in schema:
            count = max(count, int(schema.get("minContains", 1)))
        for index in range(count):
            made.append(self._item(schema, prefix, index, made, depth))
        return made

    def _item(self, schema: Mapping[str, Any], prefix: list[Any], index: int, made: list[Any], depth: int) -> Any:
        wanted = prefix[index] if index < len(prefix) else schema.get("items", True)
        if "contains" in schema and len(prefix) <= index < len(prefix) + int(schema.get("minContains", 1)):
            wanted = {"allOf": [wanted, schema["contains"]]}
        value = self.make(wanted, depth + 1)
        if schema.get("uniqueItems"):
            for _ in range(20):
                if value not in made:
                    break
                examples, self._examples, self._attempt = self._examples, False, self._attempt + 1
                value = self.make(wanted, depth + 1)
                self._examples, self._attempt = examples, self._attempt - 1
        return value

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth > _DEEP:
            raise CannotMake("it recurses without end")
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = list(schema.get("required", ()))
        made: dict[str, Any] = {}
        for name, one in properties.items():
            if name in required:
                made[name] = self.make(one, depth + 1)
            elif one is not False and self._keeps(one, depth):
                try:
                    made[name] = self.make(one, depth + 1)
                except CannotMake:
                    continue
        for name in required:
            if name not in made:
                made[name] = self.make(self._rest(schema, name), depth + 1)
        self._dependents(schema, made, depth)
        self._fill(schema, made, depth)
        most = schema.get("maxProperties")
        for name in [name for name in made if name not in required] if most is not None else ():
            if len(made) > int(schema["maxProperties"]):
                del made[name]
        return made

    def _keeps(self, schema: Any, depth: int) -> bool:
        if not self._optional or self._room < 0 or depth > 4:
            return False
        return depth < 2 or self._height(schema, frozenset()) < 3

    def _rest(self, schema: Mapping[str, Any], name: str) -> Any:
        """The schema of a property that `properties` does not name."""
        for pattern, one in schema.get("patternProperties", {}).items():
            if pattern.strip("^$") in name:
                return one
        return schema.get("additionalProperties", True)

    def _dependents(self, schema: Mapping[str, Any], made: dict[str, Any], depth: int) -> None:
        for name, needed in schema.get("dependentRequired", {}).items():
            for other in needed if name in made else ():
                if other not in made:
                    made[other] = self.make(
                        schema.get("properties", {}).get(other, self._rest(schema, other)), depth + 1
                    )

    def _fill(self, schema: Mapping[str, Any], made: dict[str, Any], depth: int) -> None:
        """Enough properties for `minProperties`, and one where only open names describe the object."""
        fewest = int(schema.get("minProperties", 0))
        opened = schema.get("additionalProperties")
        if not made and not schema.get("properties") and isinstance(opened, Mapping) and opened and depth < 4:
            fewest = max(fewest, 1)
        for name, one in schema.get("properties", {}).items():
            if len(made) < fewest and name not in made and one is not False:
                made[name] = self.make(one, depth + 1)
        for _ in range(40):
            if len(made) >= fewest:
                return
            name = self._name(schema)
            if name not in made:
                made[name] = self.make(self._rest(schema, name), depth + 1)

    def _name(self, schema: Mapping[str, Any]) -> str:
        for pattern in schema.get("patternProperties", {}):
            text = matching(pattern, self._draws)
            if text is not None:
                return text
        if isinstance(schema.get("propertyNames"), Mapping):
            made = self.make(merged({"type": "string"}, schema["propertyNames"]), 1)
            return str(made)
        return words(self._draws, 3, None) + str(self._draws.between(1, 99))


_SPECIAL = frozenset({"multipleOf", "exclusiveMinimum", "exclusiveMaximum"})
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "patternProperties", "maxProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems", "prefixItems", "contains"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


def _window(schema: Mapping[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    lows = [Fraction(str(schema[key])) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [Fraction(str(schema[key])) for key in ("maximum", "exclusiveMaximum") if key in schema]
    return max(lows, default=None), min(highs, default=None)
