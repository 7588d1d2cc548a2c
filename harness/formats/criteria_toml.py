"""`uat/criteria.toml` to acceptance criteria: every problem at once, each with its line.

A criterion's version is the SHA-256 of what the business reads and judges. Moving its
script or granting it to another tier changes no version; changing a word does.
"""

import hashlib
import json
import re
from dataclasses import replace

from harness.formats.toml_table import Table, read_toml
from harness.model.criteria import Criterion, EvidenceKind, Judged, Priority, Text

FILE = "uat/criteria.toml"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DEMONSTRATION = re.compile(r"[^\s:/\\][^\s:\\]*\.py(::[A-Za-z_]\w*)+(\[[^\[\]]+\])?")
_LANGUAGES = ("en", "zh")


def read_criteria(body: bytes, file: str = FILE) -> tuple[Criterion, ...]:
    """The criteria of a file, in its order; one `HarnessError` names everything that is wrong in it."""
    top = read_toml(body, file)
    criteria = []
    ids: dict[str, int] = {}
    for table in top.tables("criteria"):
        criterion = _criterion(table)
        first = ids.setdefault(criterion.id, table.place("id").line or 0)
        if criterion.id and first != table.place("id").line:
            table.wrong("id", f"`{criterion.id}` is already the id of the criterion at line {first}")
        criteria.append(criterion)
    top.finish()
    top.raise_problems()
    return tuple(criteria)


def version_of(criterion: Criterion) -> str:
    """SHA-256 over canonical JSON of what is judged: not over where its script is, nor on which tiers it runs."""
    content = {
        "id": criterion.id,
        "title": _plain(criterion.title),
        "statement": _plain(criterion.statement),
        "priority": criterion.priority.value,
        "phase": criterion.phase,
        "owner": criterion.owner,
        "judged": criterion.judged.value,
        "steps": [_plain(step) for step in criterion.steps],
        "evidence": sorted(criterion.evidence),
        "measure": criterion.measure,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _criterion(table: Table) -> Criterion:
    unversioned = Criterion(
        id=_id(table),
        title=_text(table, "title"),
        statement=_text(table, "statement"),
        priority=table.one_of("priority", Priority) or Priority.MUST,
        phase=_phase(table),
        owner=table.text("owner", ""),
        judged=table.one_of("judged", Judged, Judged.AUTOMATIC) or Judged.AUTOMATIC,
        demonstration=_demonstration(table),
        steps=_steps(table),
        evidence=_evidence(table),
        tiers=table.texts("tiers", ()),
        measure=table.optional_text("measure"),
    )
    _check_whole(table, unversioned)
    table.finish()
    return replace(unversioned, sha256=version_of(unversioned))


def _check_whole(table: Table, criterion: Criterion) -> None:
    name = criterion.id or "the criterion"
    if criterion.priority is Priority.WONT:
        return
    if criterion.judged is Judged.AUTOMATIC and "demonstration" not in table:
        table.wrong(
            "judged" if "judged" in table else None,
            f"`{name}` is judged by a script, and no `demonstration` names one",
            'write demonstration = "test_file.py::test_name", or judged = "by-hand" with an owner',
        )
    if criterion.judged is not Judged.AUTOMATIC and not criterion.owner:
        table.wrong(
            "judged",
            f"`{name}` is judged by a person, and no `owner` says in which role",
            'write owner = "the business role that signs"',
        )
    if criterion.judged is Judged.BY_HAND and not criterion.steps and criterion.demonstration is None:
        table.wrong(
            "judged",
            f"`{name}` is tried by hand, and no `steps` say how",
            'write steps = [{ en = "…", zh = "…" }]',
        )


def _id(table: Table) -> str:
    value = table.text("id")
    if value and not _ID.fullmatch(value):
        table.wrong("id", f"`{value}` can't be an id", "letters, digits, `.`, `_` and `-`, such as ORD-3")
    return value


def _phase(table: Table) -> int:
    phase = table.integer("phase", 1)
    if phase < 1:
        table.wrong("phase", f"`phase` counts from 1, not {phase}")
    return phase


def _demonstration(table: Table) -> str | None:
    value = table.optional_text("demonstration")
    if value is not None and (not _DEMONSTRATION.fullmatch(value) or ".." in value.split("::")[0].split("/")):
        table.wrong("demonstration", f"`{value}` does not name a script", "write file.py::test_name, a file under uat/")
    return value


def _evidence(table: Table) -> tuple[str, ...]:
    names = table.texts("evidence", ())
    return tuple(kind.value for name in names if (kind := table.word("evidence", name, EvidenceKind)))


def _steps(table: Table) -> tuple[Text, ...]:
    value = table.raw("steps")
    if value is None:
        return ()
    if not isinstance(value, list):
        table.wrong("steps", f"`steps` must be a list of texts, not {value!r}")
        return ()
    return tuple(_as_text(table, "steps", step) for step in value)


def _text(table: Table, key: str) -> Text:
    value = table.raw(key)
    if value is None:
        table.missing(key, "a text, or { en = …, zh = … },")
        return Text(en="")
    return _as_text(table, key, value)


def _as_text(table: Table, key: str, value: object) -> Text:
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        table.wrong(key, f"`{key}` must be a text, or {{ en = …, zh = … }}, not {value!r}")
        return Text(en="")
    for language in value:
        if language not in _LANGUAGES:
            table.wrong(key, f"unknown language `{language}` in `{key}`", "known here: en, zh")
    if not value.get("en", "").strip():
        table.wrong(key, f"`{key}` has no words in English", "write { en = …, zh = … }")
    return Text(en=value.get("en", ""), zh=value.get("zh", ""))


def _plain(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
