"""From what a person did after taking over to a script of the kit: one step for each thing, with a proposed title.

Each step ends with what was seen then, as an expectation to sharpen. What was typed into a password field was never
kept; the script says where it is to be given.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from harness.errors import CouldNotTell

KIND = "recorded"
_HIDDEN = "•••"
_PLAIN = (ast.Expression, ast.Call, ast.Attribute, ast.Name, ast.Constant, ast.keyword, ast.Load)
_HEAD = '''"""Recorded from what a person did; titles and expectations are proposals."""

from harness.kit.uat import Page, expect, step


def test_{name}(page: Page) -> None:
    with step("Open the page", zh="打开页面"):
        page.goto({path!r})
        expect(page).to_have_title({title!r})
'''


def read_recorded(body: bytes) -> tuple[Mapping[str, str], ...]:
    """The recorded steps of one demonstration; only lines that our own hands write are let through."""
    try:
        found = json.loads(body)
        steps = tuple({name: str(one[name]) for name in ("en", "zh", "code", "url", "page-title")} for one in found)
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotTell("what was recorded can't be read", hint="let the person take over again") from error
    return tuple(one for one in steps if _is_ours(one["code"]))


def script_of(name: str, steps: Sequence[Mapping[str, str]]) -> str:
    """A pytest file with one demonstration, `test_<name>`."""
    if not steps:
        raise CouldNotTell(
            "nobody took over in that run, so nothing is recorded", hint="harness uat walk ORD-1 --tier T"
        )
    first = steps[0]
    parts = [_HEAD.format(name=_word(name), path=urlsplit(first["url"]).path or "/", title=first["page-title"])]
    for one in steps:
        en, zh = (one[language].replace("You ", "", 1).removeprefix("您") for language in ("en", "zh"))
        lines = [f"    with step({en[:1].upper() + en[1:]!r}, zh={zh!r}):"]
        if _HIDDEN in one["code"]:
            lines.append("        # what was typed here was not kept: give it from the environment")
        lines += [f"        {one['code']}", f"        expect(page).to_have_title({one['page-title']!r})"]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _is_ours(code: str) -> bool:
    """Whether it is one call on the page with plain values, as our hands write it."""
    try:
        tree = ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    nodes = tuple(ast.walk(tree))
    named = {one.id for one in nodes if isinstance(one, ast.Name)}
    hidden = any(isinstance(one, ast.Attribute) and one.attr.startswith("_") for one in nodes)
    return all(isinstance(one, _PLAIN) for one in nodes) and named == {"page"} and not hidden


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").lower() or "recorded"
