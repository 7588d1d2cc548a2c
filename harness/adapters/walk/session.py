"""One worker and whoever watches it: the state that both see, changed under one lock, and told to whoever waits.

Commands carry a key of the person's browser: the same key again gives the same reply and acts no second time. An
answer is in the journal before the reply. When the worker is gone, what was not answered was stopped by us.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.adapters.host import Host
from harness.adapters.walk.frames import Frame, Frames
from harness.adapters.walk.journal import WalkJournal
from harness.formats.redact_body import redact_body
from harness.model.criteria import Text
from harness.model.walk import Answer, Feedback, FeedbackKind, Hurts, Item, Phase
from harness.rules.redacting import Redactor
from harness.rules.walking import followed, happened, refusal, stopped

PACES = {"fast": 150, "normal": 500, "slow": 1200, "slower": 2500}
_BETWEEN_S, _UNWATCHED_S = 0.05, 1.0
_WATCHED_FOR_S = 4.0
_WORDS = 4000
_REPORTS = 200
_NOBODY = "nobody answered for a long time"

Send = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Shown:
    """What is shown beside the items: the page in words, its controls, the pace."""

    text: str = ""
    controls: list[dict[str, Any]] = field(default_factory=list)
    pace: str = "normal"
    trouble: str = ""


class WalkSession:
    """A job's demonstrations, one after the other, before one person."""

    def __init__(
        self, name: str, items: tuple[Item, ...], host: Host, journal: WalkJournal, redactor: Redactor, *, idle_s: float
    ) -> None:
        self.name = name
        self.frames = Frames()
        self.pictures: dict[str, bytes] = {}
        self.reports: list[Feedback] = []
        self.beats = self.beats_lost = 0
        self.over = False
        self.shares = 1
        self._items = {item.node: item for item in items}
        self._now = next(iter(self._items), "")
        self._shown = Shown()
        self._host, self._journal, self._redactor = host, journal, redactor
        self._changed = threading.Condition()
        self._version = 1
        self._replies: dict[str, dict[str, Any]] = {}
        self._send: Send | None = None
        self._idle_s = idle_s
        self._active_at = host.monotonic_s()
        self._polled_at = 0.0
        self._between_s = _BETWEEN_S

    @property
    def items(self) -> tuple[Item, ...]:
        """Every demonstration, as it stands."""
        with self._changed:
            return tuple(self._items.values())

    # --- the worker's side

    def connected(self, send: Send) -> None:
        """The worker is there."""
        with self._changed:
            self._send = send
            self._touch()

    def told(self, event: str, values: Mapping[str, Any], body: bytes) -> None:
        """The worker said something."""
        with self._changed:
            match event:
                case "frame":
                    self._framed(values, body)
                case "beat":
                    self.beats_lost += int(values["number"]) - self.beats - 1
                    self.beats = int(values["number"])
                    self._fit_frames()
                case "text":
                    self._shown.text = self._safe(str(values["text"]))
                    self._shown.controls = values["controls"]
                    self._touch()
                case "touch-failed":
                    self._shown.trouble = self._safe(str(values["why"]))
                    self._touch()
                case _:
                    self._went_on(event, values)

    def lost(self, why: str) -> None:
        """The worker is gone: what is not answered by now was stopped, and that is ours."""
        with self._changed:
            self._send = None
            self.over = True
            for node, item in self._items.items():
                if item.phase not in {Phase.FINISHED, Phase.STOPPED}:
                    self._stop(node, stopped(item, self._safe(why)))
            self._touch()

    # --- the person's side

    def asked(self, key: str, do: str, values: dict[str, Any], picture: bytes | None = None) -> dict[str, Any]:
        """The reply to a person's command; the same key gets the same reply."""
        with self._changed:
            if key in self._replies:
                return self._replies[key]
            self._active_at = self._host.monotonic_s()
            item = self._items.get(str(values.get("item") or self._now))
            why = "unknown" if item is None else refusal(item, do, values)
            reply: dict[str, Any] = {"taken": why is None, "why": why}
            if item is not None and why is None:
                reply |= self._follow(item, key, do, values, picture)
            self._replies[key] = reply
            self._touch()
            return reply

    def wait(self, version: int, frame: int, seconds: float) -> tuple[dict[str, Any] | None, Frame | None]:
        """The state if it is newer than `version`, the newest frame if newer than `frame`; waits until there is one."""
        with self._changed:
            self._polled_at = self._host.monotonic_s()
            self._changed.wait_for(lambda: self._version != version or self._newer(frame), seconds)
            state = self._state() if self._version != version else None
            return state, self.frames.newest if self._newer(frame) else None

    def idle(self) -> bool:
        """Whether the person has done nothing for too long; then the demonstration is asked to end."""
        with self._changed:
            return not self.over and self._left_s() <= 0

    def end(self, why: str = _NOBODY) -> None:
        """Ask the worker to end."""
        with self._changed:
            self._to_worker(do="end", why=why)

    # --- beneath

    def _follow(self, item: Item, key: str, do: str, values: dict[str, Any], picture: bytes | None) -> dict[str, Any]:
        if do == "report":
            return self._reported(item, key, values, picture)
        if do == "answer" and item.answer is None:
            words = self._safe(str(values.get("words", ""))[:_WORDS])
            values = {**values, "words": words, "picture": self._kept(picture)}
            told = {"answer": values["answer"], "words": words, "picture": values["picture"], "key": key}
            at = self._host.now_ms()
            self._journal.write("answer", node=item.node, criterion=item.criterion, version=item.version, at=at, **told)
            self._items[item.node] = followed(item, do, values)
            if values["answer"] == Answer.NO:
                # what somebody expected instead goes to the improvement list by itself
                self._note(item, key, FeedbackKind.DOES_NOT_WORK, Hurts.MUST, words or "–", values["picture"])
            self._to_worker(do="answered")
        elif do != "answer":
            self._items[item.node] = followed(item, do, values)
            self._pass_on(do, values)
        return {}

    def _pass_on(self, do: str, values: dict[str, Any]) -> None:
        match do:
            case "pace" if values.get("pace") in PACES:
                self._shown.pace = values["pace"]
                self._to_worker(do="pace", ms=PACES[values["pace"]])
            case "leave":
                self._to_worker(do="end", why="the person left")
            case "next":
                self._shown.trouble = ""
                self.frames.step_begins()
                self._to_worker(do="next", at=values["at"])
            case "take-over":
                self._to_worker(do="take-over", on=bool(values.get("on")))
            case "input":
                self._shown.trouble = ""
                self._to_worker(do="input", **{name: values[name] for name in _TOUCH if name in values})

    def _reported(self, item: Item, key: str, values: dict[str, Any], picture: bytes | None) -> dict[str, Any]:
        words = self._safe(str(values.get("words", ""))[:_WORDS]).strip()
        if not words or len(self.reports) >= _REPORTS:
            return {"taken": False, "why": "no-words" if not words else "too-many"}
        kind, hurts = FeedbackKind(values.get("kind", "question")), Hurts(values.get("hurts", "could"))
        return {"id": self._note(item, key, kind, hurts, words, self._kept(picture)).id}

    def _note(self, item: Item, key: str, kind: FeedbackKind, hurts: Hurts, words: str, picture: str) -> Feedback:
        report = Feedback(
            id=f"F-{hashlib.sha256(f'{self.name} {key}'.encode()).hexdigest()[:8]}",
            criterion=item.criterion,
            version=item.version,
            kind=kind,
            words=words,
            hurts=hurts,
            at_ms=self._host.now_ms(),
            step=item.steps[-1].title.en if item.steps else "",
            picture=picture,
        )
        self._journal.write("report", **{name: str(getattr(report, name)) for name in _REPORT}, at=report.at_ms)
        self.reports.append(report)
        return report

    def _kept(self, picture: bytes | None) -> str:
        """The picture's name, or nothing: what can't be made safe is not kept."""
        if not picture:
            return ""
        safe = redact_body(self._redactor, picture, "image/png", "marked.png").body
        if safe is None:
            return ""
        name = self._journal.picture(safe)
        self.pictures[name] = safe
        return name

    def _went_on(self, event: str, values: Mapping[str, Any]) -> None:
        if event == "began":
            node = str(values["node"])
            self._now = next((one for one in self._items if node in {one, _bare(node)} or _bare(node) == one), node)
            self._shown = Shown(pace=self._shown.pace)
            item = self._items.get(self._now)
            if item is not None and item.node != node and item.phase is not Phase.WAITING:
                self._now = node  # another of its parameters: a demonstration of its own
                again = Item(
                    node=node,
                    criterion=item.criterion,
                    title=item.title,
                    statement=item.statement,
                    version=item.version,
                )
                self._items[node] = again
            elif item is not None and item.phase is Phase.WAITING:
                self._items[self._now] = replace(item, phase=Phase.ACTING)
        elif event in {"step-acting", "step-done", "step-coming", "taken", "asking", "stopped", "finished"}:
            item = self._items.get(self._now)
            if item is not None:
                after = happened(item, event, self._clean(values))
                self._items[self._now] = after
                if after.phase is Phase.STOPPED and item.phase is not Phase.STOPPED:
                    self._stop(item.node, after)
                if event == "taken":
                    title = after.steps[-1].title
                    self._journal.write("taken", node=item.node, title=title.en, zh=title.zh, at=self._host.now_ms())
        elif event == "bye":
            self.over = True
        self._touch()

    def _stop(self, node: str, after: Item) -> None:
        self._items[node] = after
        if after.phase is Phase.STOPPED:
            self._journal.write("stopped", node=node, why=after.stopped, at=self._host.now_ms())

    def _framed(self, values: Mapping[str, Any], body: bytes) -> None:
        self.frames.add(
            Frame(
                number=int(values["number"]),
                captured_ms=int(values["captured"]),
                width=int(values["width"]),
                height=int(values["height"]),
                body=body,
            )
        )
        self._changed.notify_all()

    def _fit_frames(self) -> None:
        """As many frames as somebody watches, fewer the more sessions share the machine."""
        watched = self._host.monotonic_s() - self._polled_at < _WATCHED_FOR_S
        wanted = _BETWEEN_S * max(1, self.shares) if watched else _UNWATCHED_S
        if wanted != self._between_s:
            self._between_s = wanted
            self._to_worker(do="frames", **{"between-s": wanted})

    def _state(self) -> dict[str, Any]:
        left = self._left_s()
        return {
            "version": self._version,
            "session": self.name,
            "over": self.over,
            "now": self._now,
            "items": [_told(item) for item in self._items.values()],
            "text": self._shown.text,
            "controls": self._shown.controls,
            "pace": self._shown.pace,
            "trouble": self._shown.trouble,
            "reports": [{"id": one.id, "words": one.words, "kind": one.kind.value} for one in self.reports],
            "ends-in-s": max(0, int(left)) if left < min(120.0, self._idle_s / 2) and not self.over else None,
        }

    def look_at_the_clock(self) -> None:
        """Tell whoever watches that the time is nearly over."""
        with self._changed:
            if not self.over and self._left_s() < min(120.0, self._idle_s / 2):
                self._touch()

    def _left_s(self) -> float:
        return self._idle_s - (self._host.monotonic_s() - self._active_at)

    def _newer(self, frame: int) -> bool:
        return self.frames.newest is not None and self.frames.newest.number > frame

    def _to_worker(self, **message: Any) -> None:
        if self._send is not None:
            self._send(message)

    def _touch(self) -> None:
        self._version += 1
        self._changed.notify_all()

    def _safe(self, text: str) -> str:
        return self._redactor.redact_text(text)

    def _clean(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(values)
        for name in ("title", "see"):
            if name in found:
                found[name] = {language: self._safe(str(text)) for language, text in found[name].items()}
        if "why" in found:
            found["why"] = self._safe(str(found["why"]))
        return found


_TOUCH = ("kind", "x", "y", "dy", "text", "key", "at", "name", "value")
_REPORT = ("id", "criterion", "version", "kind", "words", "hurts", "step", "picture")


def _bare(node: str) -> str:
    return node.partition("[")[0]


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _told(item: Item) -> dict[str, Any]:
    return {
        "item": item.node,
        "criterion": item.criterion,
        "title": _text(item.title),
        "statement": _text(item.statement),
        "phase": item.phase.value,
        "coming": item.coming,
        "answer": item.answer.value if item.answer is not None else None,
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
