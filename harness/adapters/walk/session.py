"""One worker and whoever watches it: the state that both see, changed under one lock, and told to whoever waits.

Commands carry a key of the person's browser: the same key again gives the same reply and acts no second time. An
answer is in the journal before the reply. When the worker is gone, what was not answered was stopped by us.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.adapters.host import Host
from harness.adapters.walk.attention import Attention
from harness.adapters.walk.frames import Frame, Frames
from harness.adapters.walk.journal import WalkJournal
from harness.adapters.walk.kept import Kept
from harness.adapters.walk.telling import Shown, told_of
from harness.model.walk import Answer, FeedbackKind, Hurts, Item, Phase
from harness.rules.redacting import Redactor
from harness.rules.walking import followed, happened, refusal, stopped

PACES = {"fast": 150, "normal": 500, "slow": 1200, "slower": 2500}
_HAPPENINGS = frozenset({"step-acting", "step-done", "step-coming", "taken", "asking", "stopped", "finished"})
_TOUCH = ("kind", "x", "y", "dy", "text", "key", "at", "name", "value")
_NOBODY = "nobody answered for a long time"

Send = Callable[[dict[str, Any]], None]


class WalkSession:
    """A job's demonstrations, one after the other, before one person."""

    def __init__(
        self, name: str, items: tuple[Item, ...], host: Host, journal: WalkJournal, redactor: Redactor, *, idle_s: float
    ) -> None:
        self.name = name
        self.frames = Frames()
        self.kept = Kept(name, host, journal, redactor)
        self.attention = Attention(host, idle_s)
        self.beats = self.beats_lost = 0
        self.over = False
        self._items = {item.node: item for item in items}
        self._now = next(iter(self._items), "")
        self._shown = Shown()
        self._changed = threading.Condition()
        self._version = 1
        self._replies: dict[str, dict[str, Any]] = {}
        self._send: Send | None = None

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
                    self.frames.add(_frame(values, body))
                    self._changed.notify_all()
                case "beat":
                    self._beaten(int(values["number"]))
                case "text":
                    self._shown.text = self.kept.safe(str(values["text"]))
                    self._shown.controls = values["controls"]
                    self._touch()
                case "touch-failed":
                    self._shown.trouble = self.kept.safe(str(values["why"]))
                    self._touch()
                case "began":
                    self._began(str(values["node"]))
                    self._touch()
                case _:
                    self._went_on(event, values)
                    self._touch()

    def lost(self, why: str) -> None:
        """The worker is gone: what is not answered by now was stopped, and that is ours."""
        with self._changed:
            self._send = None
            self.over = True
            for item in tuple(self._items.values()):
                if item.phase not in {Phase.FINISHED, Phase.STOPPED}:
                    self._become(item, stopped(item, self.kept.safe(why)))
            self._touch()

    # --- the person's side

    def asked(self, key: str, do: str, values: dict[str, Any], picture: bytes | None = None) -> dict[str, Any]:
        """The reply to a person's command; the same key gets the same reply."""
        with self._changed:
            if key in self._replies:
                return self._replies[key]
            self.attention.acted()
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
            self.attention.looked()
            self._changed.wait_for(lambda: self._version != version or self.frames.newer(frame) is not None, seconds)
            return self._state() if self._version != version else None, self.frames.newer(frame)

    def idle(self) -> bool:
        """Whether the person has done nothing for too long; then the demonstration is asked to end."""
        with self._changed:
            return not self.over and self.attention.left_s() <= 0

    def end(self, why: str = _NOBODY) -> None:
        """Ask the worker to end."""
        with self._changed:
            self._to_worker(do="end", why=why)

    def look_at_the_clock(self) -> None:
        """Tell whoever watches that the time is nearly over."""
        with self._changed:
            if not self.over and self.attention.ends_soon():
                self._touch()

    # --- beneath

    def _follow(self, item: Item, key: str, do: str, values: dict[str, Any], picture: bytes | None) -> dict[str, Any]:
        if do == "report":
            return self.kept.report(item, key, values, picture)
        if do == "answer" and item.answer is None:
            kept = self.kept.answer(item, key, values, picture)
            self._items[item.node] = followed(item, do, kept)
            if kept["answer"] == Answer.NO:
                # what somebody expected instead goes to the improvement list by itself
                words, name = kept["words"] or "–", kept["picture"]
                self.kept.note(item, key, FeedbackKind.DOES_NOT_WORK, Hurts.MUST, words, name, by=kept["by"])
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

    def _began(self, node: str) -> None:
        """A demonstration begins: one that was promised, or another of its parameters, which is one of its own."""
        self._now = next((one for one in self._items if node in {one, _bare(node)} or _bare(node) == one), node)
        self._shown = Shown(pace=self._shown.pace)
        item = self._items.get(self._now)
        if item is None:
            return
        if item.phase is Phase.WAITING:
            self._items[self._now] = replace(item, phase=Phase.ACTING)
        elif item.node != node:
            self._now = node
            self._items[node] = Item(
                node=node,
                criterion=item.criterion,
                title=item.title,
                statement=item.statement,
                version=item.version,
            )

    def _went_on(self, event: str, values: Mapping[str, Any]) -> None:
        if event == "bye":
            self.over = True
        item = self._items.get(self._now)
        if event in _HAPPENINGS and item is not None:
            after = happened(item, event, self._clean(values))
            self._become(item, after)
            if event == "taken":
                self.kept.taken(after)

    def _become(self, item: Item, after: Item) -> None:
        self._items[item.node] = after
        if after.phase is Phase.STOPPED and item.phase is not Phase.STOPPED:
            self.kept.stopped(after)

    def _beaten(self, number: int) -> None:
        self.beats_lost += number - self.beats - 1
        self.beats = number
        between_s = self.attention.wanted_between_s()
        if between_s is not None:
            self._to_worker(do="frames", **{"between-s": between_s})

    def _state(self) -> dict[str, Any]:
        soon = self.attention.ends_soon() and not self.over
        return {
            "version": self._version,
            "session": self.name,
            "over": self.over,
            "now": self._now,
            "ends-in-s": max(0, int(self.attention.left_s())) if soon else None,
            **told_of(self._items.values(), self._shown, self.kept.reports),
        }

    def _to_worker(self, **message: Any) -> None:
        if self._send is not None:
            self._send(message)

    def _touch(self) -> None:
        self._version += 1
        self._changed.notify_all()

    def _clean(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(values)
        for name in ("title", "see"):
            if name in found:
                found[name] = {language: self.kept.safe(str(text)) for language, text in found[name].items()}
        if "why" in found:
            found["why"] = self.kept.safe(str(found["why"]))
        return found


def _frame(values: Mapping[str, Any], body: bytes) -> Frame:
    return Frame(
        number=int(values["number"]),
        captured_ms=int(values["captured"]),
        width=int(values["width"]),
        height=int(values["height"]),
        body=body,
    )


def _bare(node: str) -> str:
    return node.partition("[")[0]
