"""Values to JSON and back: nothing lost, nothing half-understood."""

import dataclasses
import json
import typing
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.evidence import Attachment, Code, Outcome, Reason, Record, Seen, Step
from harness.model.load import ClosedModel, OpenModel, Profile, Stage
from harness.model.plan import Check, Plan, Promise, Release
from harness.model.tier import Suite
from harness.model.verdict import Verdict

TEXT = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_EACH = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def values_of(kind: typing.Any, depth: int = 0) -> st.SearchStrategy[typing.Any]:
    """Any value of a model type, by its own hints; few elements a tuple, so that a plan stays small."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{f.name: values_of(hints[f.name], depth + 1) for f in dataclasses.fields(kind)})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if args[-1] is not Ellipsis:
            return st.tuples(*(values_of(arg, depth) for arg in args))
        own = args[0] is Step
        return (
            st.just(())
            if own and depth > 5
            else st.lists(values_of(args[0], depth), max_size=2 if depth < 3 else 1).map(tuple)
        )
    if args:
        return st.one_of(*(values_of(arg, depth) for arg in args))
    plain = {str: TEXT, int: st.integers(), float: NUMBERS, bool: st.booleans(), type(None): st.none()}
    return plain[kind] if kind in plain else st.sampled_from(kind)


PLANS, RECORDS, VERDICTS = values_of(Plan), values_of(Record), values_of(Verdict)


@given(value=st.one_of(PLANS, RECORDS, VERDICTS))
@_EACH
def test_whatever_is_written_comes_back_the_same(value):
    written = to_json(value)
    assert from_json(type(value), json.loads(json.dumps(written))) == value


@given(value=st.one_of(PLANS, RECORDS, VERDICTS), data=st.data())
@_EACH
def test_an_unknown_key_anywhere_is_refused_with_its_path(value, data):
    written = to_json(value)
    inside = data.draw(st.sampled_from(list(_objects(written))))
    inside["surprise"] = 1
    with pytest.raises(ShapeError, match="has an unknown key `surprise`"):
        from_json(type(value), written)


@given(value=st.one_of(PLANS, RECORDS, VERDICTS), data=st.data())
@_EACH
def test_another_kind_of_value_anywhere_is_refused(value, data):
    written = to_json(value)
    inside, key = data.draw(st.sampled_from([(one, key) for one in _objects(written) for key in one]))
    inside[key] = {"unexpected": 1} if not isinstance(inside[key], dict) else 3.5
    with pytest.raises(ShapeError):
        from_json(type(value), written)


def test_a_value_of_one_kind_is_no_value_of_another():
    assert from_json(Check, to_json(a_check())) == a_check()
    for name, value in (
        ("id", 3),
        ("suite", "smoke"),
        ("suite", []),
        ("suite", None),
        ("place", 3),
        ("promise", True),
        ("title", None),
    ):
        with pytest.raises(ShapeError, match=rf"Check\.{name}"):
            from_json(Check, {**to_json(a_check()), name: value})


@pytest.mark.parametrize("name", ["suite", "promise"])
def test_a_missing_key_is_refused_by_its_name(name):
    written = to_json(a_check())
    del written[name]
    with pytest.raises(ShapeError, match=f"Check lacks `{name}`"):
        from_json(Check, written)


@pytest.mark.parametrize("data", [None, [], "x", 3, True])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(ShapeError, match="must be an object"):
        from_json(Check, data)


def test_yes_is_no_number_and_one_is_no_yes():
    attachment = {"name": "a", "media_type": "b", "sha256": "c", "size": 1}
    assert from_json(Attachment, attachment).size == 1
    for wrong in (True, 1.0, "1", None):
        with pytest.raises(ShapeError, match=r"Attachment\.size"):
            from_json(Attachment, {**attachment, "size": wrong})


def test_a_whole_number_is_a_number():
    stage = from_json(Stage, {"rate_per_s": 20, "for_s": 1})
    assert stage == Stage(rate_per_s=20.0, for_s=1.0)
    assert isinstance(stage.rate_per_s, float)


def test_alternatives_say_which_they_are():
    profile = {"name": "peak", "model": to_json(OpenModel(stages=()))}
    with pytest.raises(ShapeError, match=r"Profile\.model must say which of OpenModel, ClosedModel it is"):
        from_json(Profile, profile)
    closed = Profile(name="peak", model=ClosedModel(users=1, ramp_per_s=1.0, for_s=1.0))
    assert to_json(closed)["model"]["is"] == "ClosedModel"
    assert from_json(Profile, to_json(closed)) == closed


def test_a_name_of_a_class_where_there_is_no_alternative_is_refused():
    with pytest.raises(ShapeError, match="unknown key `is`"):
        from_json(Check, {**to_json(a_check()), "is": "Check"})


def test_a_pair_has_two_elements():
    with pytest.raises(ShapeError, match=r"Reason\.values\[0\] must have 2 elements"):
        from_json(Reason, {"code": "finding", "values": [["one"]]})


def test_what_is_empty_is_not_written():
    assert to_json(Release(name="")) == {}
    assert from_json(Release, {}) == Release(name="")
    assert to_json(Seen(check="c", job="j", outcome=Outcome.PASSED)) == {
        "check": "c",
        "job": "j",
        "outcome": "passed",
        "started_ms": 0,
        "ended_ms": 0,
    }


def _reachable(kind: typing.Any, found: dict[str, typing.Any]) -> dict[str, typing.Any]:
    if dataclasses.is_dataclass(kind) and kind.__name__ not in found:
        found[kind.__name__] = kind
        for hint in typing.get_type_hints(kind).values():
            _reachable(hint, found)
    for arg in typing.get_args(kind):
        _reachable(arg, found)
    return found


WRITTEN = {name: kind for root in (Plan, Record, Verdict) for name, kind in _reachable(root, {}).items()}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_no_written_class_has_a_default_that_is_made(name):
    """What is left out comes back as the default or empty; a factory would come back as nothing."""
    assert all(field.default_factory is dataclasses.MISSING for field in dataclasses.fields(WRITTEN[name]))


def test_an_empty_value_does_not_turn_into_the_default():
    bare = Painted(note="", colours=(), coats=None, maker="")
    assert from_json(Painted, to_json(bare)) == bare
    assert from_json(Painted, {}) == Painted()


def test_a_code_that_nobody_knows_is_refused_with_those_that_are_known():
    with pytest.raises(ShapeError, match=r"'made-up', not one of .*not-reported"):
        from_json(Reason, {"code": "made-up"})
    assert from_json(Reason, {"code": "finding"}) == Reason.of(Code.FINDING)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Painted:
    note: str = "something"
    colours: tuple[Colour, ...] = (Colour.RED,)
    coats: int | None = 3
    maker: str | None = None


def a_check() -> Check:
    return Check(id="load:a/p95", suite=Suite.LOAD, promise=Promise.LIMIT, title="p95", place="load/a.toml")


def _objects(data):
    if isinstance(data, dict):
        yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _objects(inner)
