"""Findings as people read them: by cause, worst first, and nothing in them speaks to the terminal."""

from harness.formats.contract_findings import causes_json, causes_of, causes_text
from harness.model.evidence import Finding, Severity


def finding(operation: str, **more: object) -> Finding:
    told = {"id": f"{operation} | rule", "rule": "rule", "severity": Severity.BREACH, "title": f"{operation} is wrong"}
    return Finding(**{"operation": operation, "message": "", "curl": "curl x", "owner": "provider", **told, **more})  # type: ignore[arg-type]


def test_one_cause_is_one_paragraph_for_all_its_operations_and_the_worst_comes_first() -> None:
    same = [finding(name, cause="c1") for name in ("one", "two", "three")]
    crash = finding("four", severity=Severity.CRASH, cause="c2")
    known = finding("five", severity=Severity.CRASH, cause="c3", accepted="until 2026-12-31 by team: known")
    causes = causes_of([*same, known, crash])
    assert [cause.first.operation for cause in causes] == ["four", "one", "five"]
    assert [cause.decides for cause in causes] == [True, True, False]
    text = causes_text(causes, "en")
    assert text.count("\n\n") == 2
    assert "also in two, three" in text
    assert len(causes_json(causes)[1]["findings"]) == 3


def test_both_languages_say_the_same_findings() -> None:
    causes = causes_of([finding("one", title_zh="错误", again=False)])
    assert "错误" in causes_text(causes, "zh")
    assert "再次发送时没有重现" in causes_text(causes, "zh")
    assert "it did not come again" in causes_text(causes, "en")
    assert causes_text((), "en") == "nothing was found"


def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    said = causes_text(causes_of([finding("one", actual="\x1b[2J\r gone")]), "en")
    assert "\x1b" not in said
    assert "\r" not in said
