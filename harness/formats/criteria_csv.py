"""Criteria as a table for a spreadsheet, there and back: one row each, both languages side by side.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, which
reading takes away again. Whatever is wrong in a table is told at once, with the line of its row.
"""

import csv
import io
import json

from harness.errors import HarnessError, Place, Problem
from harness.formats.criteria_toml import read_criteria
from harness.model.criteria import Criterion, Text

COLUMNS = (
    "id",
    "title-en",
    "title-zh",
    "statement-en",
    "statement-zh",
    "priority",
    "phase",
    "owner",
    "judged",
    "demonstration",
    "evidence",
    "tiers",
    "measure",
    "steps-en",
    "steps-zh",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = b"\xef\xbb\xbf"
_TEXTS = ("title", "statement")
_LISTS = ("evidence", "tiers")
_PLAIN = ("id", "priority", "owner", "judged", "demonstration", "measure")


def write_csv(criteria: tuple[Criterion, ...]) -> bytes:
    """The table, in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for criterion in criteria:
        table.writerow([guarded(cell) for cell in _row(criterion)])
    return BOM + out.getvalue().encode("utf-8")


def read_csv(body: bytes, file: str) -> tuple[Criterion, ...]:
    """The criteria of a table; one `HarnessError` names everything that is wrong in it."""
    try:
        rows = csv.DictReader(io.StringIO(body.removeprefix(BOM).decode("utf-8"), newline=""), strict=True)
        criteria, problems = _read(rows, file)
    except (UnicodeDecodeError, csv.Error) as error:
        raise HarnessError(
            f"{file} is not a table in UTF-8: {error}", place=Place(file=file), hint="save it as CSV UTF-8"
        ) from error
    if problems:
        raise HarnessError.of(problems)
    return tuple(criteria)


def write_toml(criteria: tuple[Criterion, ...]) -> bytes:
    """The same criteria as `uat/criteria.toml`."""
    return "\n".join(_toml(dict(zip(COLUMNS, _row(one), strict=True))) for one in criteria).encode("utf-8")


def _read(rows: "csv.DictReader[str]", file: str) -> tuple[list[Criterion], list[Problem]]:
    problems = _wrong_columns(tuple(rows.fieldnames or ()), file)
    criteria: list[Criterion] = []
    lines: dict[str, int] = {}
    for row in rows if not problems else ():
        line = rows.line_num
        cells = {name: _bare(value) for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}
        try:
            criteria += read_criteria(_toml(cells).encode("utf-8"), file)
        except HarnessError as error:
            problems += (_problem(one.message, file, line, one.hint) for one in error.problems)
        first = lines.setdefault(cells.get("id", ""), line)
        if first != line:
            problems.append(_problem(f"`{cells['id']}` is already in the row at line {first}", file, line))
    return criteria, problems


def _wrong_columns(names: tuple[str, ...], file: str) -> list[Problem]:
    known = f"known here: {', '.join(COLUMNS)}"
    needed = ("id", "title-en", "statement-en", "priority")
    return [
        *(_problem(f"unknown column `{name}`", file, 1, known) for name in names if name not in COLUMNS),
        *(_problem(f"the column `{name}` is missing", file, 1) for name in needed if name not in names),
    ]


def _problem(message: str, file: str, line: int, hint: str | None = None) -> Problem:
    return Problem(message=message, place=Place(file=file, line=line), hint=hint)


def _row(one: Criterion) -> tuple[str, ...]:
    return (
        *(one.id, one.title.en, one.title.zh, one.statement.en, one.statement.zh, one.priority.value, str(one.phase)),
        *(one.owner, one.judged.value, one.demonstration or "", ", ".join(one.evidence), ", ".join(one.tiers)),
        one.measure or "",
        *_steps(one.steps),
    )


def _steps(steps: tuple[Text, ...]) -> tuple[str, str]:
    """One step a line; a line break inside a step would be another step, so it becomes a space."""
    return "\n".join(" ".join(one.en.split()) for one in steps), "\n".join(" ".join(one.zh.split()) for one in steps)


def _toml(cells: dict[str, str]) -> str:
    """One criterion as TOML; empty cells are left out."""
    lines = ["[[criteria]]"]
    lines += (f"{name} = {_quoted(cells[name])}" for name in _PLAIN if cells.get(name))
    lines += (f"{name} = {_both(cells, name)}" for name in _TEXTS if cells.get(f"{name}-en") or cells.get(f"{name}-zh"))
    if phase := cells.get("phase"):
        lines.append(f"phase = {phase if phase.isdecimal() and phase.isascii() else _quoted(phase)}")
    for name in _LISTS:
        words = [word.strip() for word in cells.get(name, "").split(",") if word.strip()]
        if words:
            lines.append(f"{name} = [{', '.join(_quoted(word) for word in words)}]")
    if cells.get("steps-en"):
        english = cells["steps-en"].splitlines()
        chinese = cells.get("steps-zh", "").splitlines()
        chinese += [""] * (len(english) - len(chinese))
        steps = (f"  {{ en = {_quoted(en)}, zh = {_quoted(zh)} }}," for en, zh in zip(english, chinese, strict=False))
        lines.append("\n".join(("steps = [", *steps, "]")))
    return "\n".join(lines) + "\n"


def _both(cells: dict[str, str], name: str) -> str:
    languages = (language for language in ("en", "zh") if cells.get(f"{name}-{language}"))
    return "{ " + ", ".join(f"{one} = {_quoted(cells[f'{name}-{one}'])}" for one in languages) + " }"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's form, and DEL escaped, which TOML wants and JSON does not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def guarded(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell
