"""What confirm and matrix say is told in Chinese to whoever reads Chinese, as it is made and in every place."""

import re
from dataclasses import replace
from typing import Any

import pytest

from harness.formats.allure_language import title_in_chinese
from harness.formats.left_out_words import left_out_in
from harness.formats.mock_words import in_chinese
from harness.formats.sentences import say
from harness.mocks.value_kinds import ValueKind
from harness.model.evidence import Code, Reason
from harness.model.uses import ContractOfUse
from harness.rules.confirming import permitted
from tests.unit.mocks import test_comparing as comparing
from tests.unit.mocks import test_confirming as confirming
from tests.unit.mocks import test_matrix as matrix
from tests.unit.rules import test_confirming as permitting
from tests.unit.rules.test_planning import planned

ENGLISH = re.compile(r"\b(the|and|its?|is|was|no|which|mock|gave|answered)\b")


def test_english_is_not_taken_for_chinese() -> None:
    assert not is_chinese("状态码 409, the mock answered 201")
    assert not is_chinese("GET /a")


def is_chinese(told: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", told)) and not ENGLISH.search(told)


@pytest.mark.parametrize(
    "real",
    [
        comparing.BODY | {"status": "closed"},
        comparing.BODY | {"paid": True},
        comparing.BODY | {"at": "02.01.2026 03:04"},
        comparing.BODY | {"name": ""},
        comparing.BODY | {"total": None},
        comparing.BODY | {"lines": []},
        {key: value for key, value in comparing.BODY.items() if key != "name"},
        b"",
    ],
)
def test_every_difference_has_chinese_words(real: Any) -> None:
    found = [one for one in comparing.told(real) if "breaks the contract" not in one]
    assert found
    assert all(is_chinese(in_chinese(one)) for one in found), [in_chinese(one) for one in found]


def test_plain_and_unreadable_bodies_and_headers_have_chinese_words() -> None:
    told = (
        *comparing.of_media("2026-01-02", b"soon"),
        *comparing.told(comparing.BODY, headers=(("content-type", comparing.JSON), ("etag", ""))),
        *comparing.told(b"", status=409),
    )
    assert all(is_chinese(in_chinese(one)) for one in told), [in_chinese(one) for one in told]
    assert in_chinese("the body cannot be read as JSON: nested too deeply").startswith("正文无法作为 JSON 读取")


def test_every_reason_for_not_asking_has_chinese_words() -> None:
    uses = (
        permitting.use(withheld="it speaks of a secret, which is never kept"),
        permitting.use(withheld="a body is binary, or longer than 64 KiB"),
        permitting.use(withheld="the mock broke the connection (EMPTY_RESPONSE)"),
        permitting.use(body="[redacted a]"),
        permitting.use("gone"),
        permitting.use("read", method="PUT"),
    )
    used = ContractOfUse(dependency="erp", uses=uses, kinds=(("never@200", 3),))
    made = permitted(used, (permitting.CREATE, permitting.READ), permitting.Policy(methods=("POST",)), signed_in=False)
    assert len(made.left_out) + len(made.unasked) >= 6
    plan = replace(planned(), left_out=(*made.left_out, *made.unasked))
    told = [why for _, why in left_out_in(plan, "zh")]
    assert all(is_chinese(one) for one in told), told


def test_every_cell_without_a_trial_has_chinese_words() -> None:
    laid = matrix.laid(matrix.MATRIX.replace(b'uncalled = ["look"]', b"").replace(b'"malformed"]', b'"late-callback"]'))
    told = [why for _, why in left_out_in(replace(planned(), left_out=(*laid.unasked, *matrix.LAID.left_out)), "zh")]
    assert len(set(told)) == 4
    assert all(is_chinese(one) for one in told), told


@pytest.mark.parametrize(
    ("code", "key", "value", "zh"),
    [
        (Code.NOT_CONFIRMED, "why", "POST /a: it was never sent", "无法确认：POST /a：从未发送"),
        (Code.ANSWERS_OTHERWISE, "difference", "status 409, the mock answered 201", "状态码 409，模拟服务返回 201"),
        (Code.FAULT_NOT_MET, "why", "nothing in matrix.toml leads to it", "matrix.toml 中没有任何步骤会调用它"),
        (
            Code.NOT_SURVIVED,
            "what",
            (
                "it answered 200 without a usable answer; right is 503; "
                "afterwards, the dependency well again: it answers 500"
            ),
            "没有可用的应答却返回了 200；正确的是 503；依赖恢复之后：返回 500",
        ),
    ],
)
def test_a_reason_is_said_in_chinese_and_in_english_as_it_was(code: Code, key: str, value: str, zh: str) -> None:
    reason = Reason.of(code, **{key: value})
    assert zh in say(reason, "zh")
    assert value in say(reason)


def test_what_the_words_do_not_know_stays_as_it_is() -> None:
    assert in_chinese("GET /a: connection refused; really") == "GET /a: connection refused; really"
    assert in_chinese("`/a` is 'x; y', the mock gave 'z'") == "`/a` is 'x; y', the mock gave 'z'"


@pytest.mark.parametrize("kind", ValueKind)
def test_every_kind_of_value_has_a_name_in_chinese(kind: ValueKind) -> None:
    assert kind is ValueKind.UUID or kind.value not in in_chinese(f"`/a` is a list, the mock gave {kind.value}")


def test_the_titles_of_their_checks_are_told_in_chinese() -> None:
    open_ = matrix.laid(matrix.MATRIX.replace(b'uncalled = ["look"]', b""))
    job = matrix.job_for("erp", "mocks/erp", "orders", "o.json", matrix.WANTED, open_, 1)
    for check in (*confirming.JOB.checks, *job.checks):
        told = title_in_chinese(check.title)
        assert is_chinese(told), told
