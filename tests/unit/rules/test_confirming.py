"""What of a contract of use may be sent: the tier's policy decides, and whatever is not sent is named."""

from dataclasses import replace
from typing import Any

import pytest

from harness.model.contract import Operation
from harness.model.tier import Policy
from harness.model.uses import ContractOfUse, Link, Use
from harness.rules.confirming import permitted

CREATE = Operation(id="create", method="POST", path="/things")
READ = Operation(id="read", method="GET", path="/things/{id}")
GETS = Policy(methods=("GET",))


def use(operation: str = "create", **changes: Any) -> Use:
    values: dict[str, Any] = {"method": "POST", "path": "/things", "status": 201, "source": "example"}
    return Use(operation=operation, **values | changes)


def told(
    *uses: Use, operation: Operation = CREATE, policy: Policy | None = None, signed_in: bool = False, kinds: Any = ()
) -> tuple[tuple[Use, ...], dict[str, str]]:
    used = ContractOfUse(dependency="erp", uses=uses, kinds=kinds)
    found = permitted(used, (operation, READ), policy or Policy(), signed_in=signed_in)
    return found.uses, dict(found.left_out)


def open_of(*uses: Use, operation: Operation = CREATE, policy: Policy | None = None, kinds: Any = ()) -> dict[str, str]:
    used = ContractOfUse(dependency="erp", uses=uses, kinds=kinds)
    found = permitted(used, (operation, READ), policy or Policy(), signed_in=False)
    assert found.left_out == ()
    return dict(found.unasked)


def test_what_a_tier_permits_is_sent_as_it_is() -> None:
    assert told(use(), use(body="{}")) == ((use(), use(body="{}")), {})


@pytest.mark.parametrize(
    ("one", "asked", "why"),
    [
        (use(), {"policy": GETS}, "does not allow POST"),
        (use(body="x" * 11), {"policy": Policy(body_bytes=10)}, "larger than the tier allows"),
        (
            use(),
            {
                "operation": Operation(id="create", method="POST", path="/t", safe=False),
                "policy": Policy(methods=("POST",)),
            },
            "calls it unsafe",
        ),
    ],
)
def test_what_the_policy_keeps_away_is_left_out_by_name(one: Use, asked: dict[str, Any], why: str) -> None:
    sent, left_out = told(one, **asked)
    assert sent == ()
    (said,) = left_out.values()
    assert why in said
    assert said.endswith("(1 x)")


@pytest.mark.parametrize(
    ("one", "operation", "why"),
    [
        (use(withheld="a body is binary"), CREATE, "a body is binary"),
        (use(body='{"a": "[redacted a1b2]"}'), CREATE, "a part of it was hidden"),
        (use(path="/[redacted a1b2]"), CREATE, "a part of it was hidden"),
        (use("gone"), CREATE, "no such operation any more"),
        (use(), replace(CREATE, secured=True), "needs a credential"),
    ],
)
def test_what_cannot_be_sent_stays_open(one: Use, operation: Operation, why: str) -> None:
    ((label, said),) = open_of(one, operation=operation).items()
    assert (label, said.startswith(why) or why in said) == (one.label, True)
    assert said.endswith("(1 x)")


def test_what_needs_an_id_of_something_withheld_is_open_and_not_the_policy_s_doing() -> None:
    reads = use("read", method="GET", status=200, links=(Link(value="a1b2", by=0, pointer="/id"),))
    assert set(open_of(use(withheld="a body is binary"), reads)) == {"create@201", "read@200"}


def test_a_policy_may_name_an_operation_and_a_tier_a_sign_in() -> None:
    assert told(use(), policy=Policy(methods=("GET",), operations=("create",)))[1] == {}
    secured = Operation(id="create", method="POST", path="/t", secured=True)
    assert told(use(), operation=secured, signed_in=True)[1] == {}


def test_what_needs_an_id_that_nobody_gives_out_is_not_sent_either() -> None:
    reads = use("read", method="GET", path="/things/a1b2", links=(Link(value="a1b2", by=0, pointer="/id"),))
    sent, left_out = told(use(), reads, policy=GETS)
    assert sent == ()
    assert "needs what another one gives out" in left_out["mock:erp/confirm/read@201"]


def test_links_follow_what_is_left() -> None:
    linked = use(links=(Link(value="a1b2", by=1, pointer="/id"),))
    sent, _ = told(use(withheld="binary"), use(), linked)
    assert sent[1].links[0].by == 0


def test_what_was_never_kept_is_named_too() -> None:
    assert open_of(use(), kinds=(("create@201", 9), ("read@200", 4))) == {
        "read@200": "none of its 4 interactions was kept whole"
    }
