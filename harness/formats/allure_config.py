"""The configuration of one report, as the JavaScript module that Allure 3 reads.

A module and not YAML or JSON: matchers must be functions, and in static files a matcher that is
none makes every result vanish without an error. No quality gate is ever configured: the verdict
is ours, Allure displays.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from harness.formats.report_words import said


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """How a report looks and what it remembers.

    `tiers` become environments, matched by the label `tier`. `history` is an absolute path or None;
    with `appends` False the history is shown and left as it is (a report made a second time).
    """

    name: str
    language: str = "en"
    tiers: tuple[str, ...] = ()
    single_file: bool = True
    history: str | None = None
    history_limit: int = 30
    appends: bool = True


def to_allurerc(config: ReportConfig, output: str) -> bytes:
    """The bytes of `allurerc.mjs`; every value enters as a JSON literal."""
    awesome = {
        "singleFile": config.single_file,
        "reportLanguage": config.language,
        "theme": "auto",
        "groupBy": ["parentSuite", "suite"],
    }
    settings: dict[str, object] = {
        "name": config.name,
        "output": output,
        "open": False,
        "plugins": {"awesome": {"options": awesome}},
        "categories": {"rules": list(_categories(config.language))},
    }
    if config.history:
        settings |= {
            "historyPath": config.history,
            "historyLimit": config.history_limit,
            "appendHistory": config.appends,
        }
    lines = [
        f"const settings = {_literal(settings)};",
        f"const tiers = {_literal(list(config.tiers))};",
        "const isOf = tier => ({ labels }) => labels.some(({ name, value }) => name === 'tier' && value === tier);",
        "if (tiers.length) settings.environments =",
        "  Object.fromEntries(tiers.map(tier => [tier, { name: tier, matcher: isOf(tier) }]));",
        "export default settings;",
    ]
    return ("\n".join(lines) + "\n").encode()


def _categories(language: str) -> Iterator[dict[str, object]]:
    """What did not pass, by our outcomes, the first that fits; within each by the code of its reason."""
    by_reason = [{"label": "reason"}]
    never = {"statuses": ["broken"], "labels": {"reason": "not-reported"}}
    for id_, matcher in (
        ("wrong", {"statuses": ["failed"]}),
        ("silent", never),
        ("unsure", {"statuses": ["broken", "unknown"]}),
        ("skipped", {"statuses": ["skipped"]}),
    ):
        yield {"id": id_, "name": said(id_, language), "matchers": [matcher], "groupBy": by_reason}


def _literal(value: object) -> str:
    """JSON that is also a JavaScript literal."""
    return json.dumps(value, ensure_ascii=True, indent=1)
