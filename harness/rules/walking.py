"""What may follow what in a walkthrough: from what the worker tells and what the person asks to how an item stands.

The script's trouble is never the person's answer. *Yes* is taken only once everything was shown; *no* and *I can't
tell* at any time before. An answer is given once: saying it again changes nothing, saying another thing is refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.model.criteria import Text
from harness.model.walk import Answer, Item, Phase, WalkStep

_OPEN = (Phase.READY, Phase.ACTING, Phase.ASKING)


def happened(item: Item, event: str, values: Mapping[str, Any]) -> Item:
    """The item after the worker told of `event`. What was stopped stays stopped; unknown events change nothing."""
    if item.phase in {Phase.STOPPED, Phase.FINISHED}:
        return item
    match event:
        case "step-coming":
            step = WalkStep(number=values["step"], title=_text(values["title"]), see=_text(values.get("see", {})))
            return replace(item, phase=Phase.READY, coming=step.number, steps=(*item.steps, step))
        case "step-acting":
            return replace(item, phase=Phase.ACTING, coming=None)
        case "step-done":
            return replace(item, steps=_ended(item.steps, values["step"], values["outcome"]))
        case "taken":
            title = _text(values["title"])
            step = WalkStep(number=values["step"], title=title, see=Text(en=""), outcome="passed", taken=True)
            return replace(item, steps=(*item.steps, step))
        case "asking":
            return replace(item, phase=Phase.ASKING, coming=None)
        case "stopped":
            return stopped(item, str(values.get("why", "")))
        case "finished":
            whole = item.answer is not None
            return replace(item, phase=Phase.FINISHED, taken_over=False) if whole else stopped(item, "")
        case _:
            return item


def stopped(item: Item, why: str) -> Item:
    """The demonstration broke. What was already answered stays answered."""
    if item.phase in {Phase.STOPPED, Phase.FINISHED}:
        return item
    phase = Phase.FINISHED if item.answer is not None else Phase.STOPPED
    return replace(item, phase=phase, coming=None, taken_over=False, stopped=why)


def refusal(item: Item, asked: str, values: Mapping[str, Any]) -> str | None:
    """Why a person's command can't be followed now, as one word; None where it can."""
    if asked in {"report", "still-here"}:
        return None
    if item.phase is Phase.STOPPED:
        return "stopped"
    match asked:
        case "answer":
            return _no_answer(item, values.get("answer"))
        case "next":
            fits = item.phase is Phase.READY and values.get("at") == item.coming and not item.taken_over
            return None if fits else "not-now"
        case "take-over":
            return None if item.phase in {Phase.READY, Phase.ASKING} else "not-now"
        case "input":
            return None if item.taken_over and item.phase in _OPEN else "not-now"
        case "pace" | "leave":
            return None
        case _:
            return "unknown"


def followed(item: Item, asked: str, values: Mapping[str, Any]) -> Item:
    """The item after a command that was not refused."""
    match asked:
        case "answer":
            return replace(
                item,
                answer=Answer(values["answer"]),
                words=str(values.get("words", "")),
                picture=str(values.get("picture", "")),
                taken_over=False,
            )
        case "take-over":
            return replace(item, taken_over=bool(values.get("on")))
        case "next":
            return replace(item, phase=Phase.ACTING, coming=None)
        case _:
            return item


def _no_answer(item: Item, answer: object) -> str | None:
    if answer not in set(Answer):
        return "unknown"
    if item.answer is not None:
        return None if item.answer == answer else "answered"
    if item.phase not in _OPEN:
        return "not-now"
    return "not-all-shown" if answer == Answer.YES and item.phase is not Phase.ASKING else None


def _ended(steps: tuple[WalkStep, ...], number: int, outcome: str) -> tuple[WalkStep, ...]:
    return tuple(replace(one, outcome=outcome) if one.number == number else one for one in steps)


def _text(value: Mapping[str, Any]) -> Text:
    return Text(en=str(value.get("en", "")), zh=str(value.get("zh", "")))
