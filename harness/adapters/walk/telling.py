"""What the page of a walkthrough is told: a session as it stands, and one line of it for the list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.model.criteria import Text
from harness.model.walk import Feedback, Item


@dataclass(slots=True)
class Shown:
    """What is shown beside the items: the page in words, its controls, the pace."""

    text: str = ""
    controls: list[dict[str, Any]] = field(default_factory=list)
    pace: str = "normal"
    trouble: str = ""


def told_of(items: Iterable[Item], shown: Shown, reports: Iterable[Feedback]) -> dict[str, Any]:
    """Everything that the page draws, but for the picture."""
    return {
        "items": [_item(item) for item in items],
        "text": shown.text,
        "controls": shown.controls,
        "pace": shown.pace,
        "trouble": shown.trouble,
        "reports": [{"id": one.id, "words": one.words, "kind": one.kind.value} for one in reports],
    }


def card_of(name: str, items: Iterable[Item], *, over: bool) -> dict[str, Any]:
    """A session in the list of what there is to try."""
    told = (
        {"criterion": one.criterion, "title": _text(one.title), "phase": one.phase.value, "answer": _answer(one)}
        for one in items
    )
    return {"session": name, "over": over, "items": list(told)}


def _item(item: Item) -> dict[str, Any]:
    return {
        "item": item.node,
        "criterion": item.criterion,
        "title": _text(item.title),
        "statement": _text(item.statement),
        "phase": item.phase.value,
        "coming": item.coming,
        "answer": _answer(item),
        "taken-over": item.taken_over,
        "stopped": item.stopped,
        "steps": [
            {
                "number": one.number,
                "title": _text(one.title),
                "see": _text(one.see),
                "outcome": one.outcome,
                "taken": one.taken,
            }
            for one in item.steps
        ],
    }


def _answer(item: Item) -> str | None:
    return item.answer.value if item.answer is not None else None


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
