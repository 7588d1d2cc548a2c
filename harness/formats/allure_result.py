"""The pieces of an Allure result file: identity, labels, parameters, steps, attachments.

Shapes are Allure's own (a directory of `<uuid>-result.json` and attachment files). A result's identity is
its check id and its tier: the tier is a parameter that is *not* excluded, or tiers would overwrite each
other in the history. Figures are parameters that *are* excluded, for they change from run to run.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.formats.sentences import say, what_to_do
from harness.model.evidence import Attachment, Finding, Measure, Outcome, Reason, Step

Json = dict[str, object]

_ENDINGS: Mapping[str, str] = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/vnd.allure.http+json": ".json",
    "application/vnd.allure.playwright-trace": ".zip",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "video/webm": ".webm",
}


@dataclass(slots=True)
class Files:
    """Result files by name. `links` are attachments whose bytes are stored evidence: file name to SHA-256."""

    written: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add_json(self, name: str, value: object) -> None:
        """A JSON file."""
        self.written[name] = json.dumps(value, ensure_ascii=False, indent=1).encode()

    def attach(self, attachment: Attachment) -> Json:
        """Stored evidence, named as an attachment."""
        ending = _ENDINGS.get(attachment.media_type.partition(";")[0], ".bin")
        source = f"{attachment.sha256}-attachment{ending}"
        self.links[source] = attachment.sha256
        return {"name": attachment.name, "source": source, "type": attachment.media_type}

    def attach_text(self, stem: str, name: str, text: str) -> Json:
        """A text of our own as an attachment."""
        source = f"{stem}-attachment.txt"
        self.written[source] = text.encode()
        return {"name": name, "source": source, "type": "text/plain"}


def uuid_for(*parts: str) -> str:
    """The same id for the same parts, everywhere."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\0".join(parts)))


def label(name: str, value: object) -> Json:
    """One label."""
    return {"name": name, "value": str(value)}


def tier_parameter(tier: str) -> Json:
    """The tier, as part of the identity."""
    return {"name": "tier", "value": tier, "excluded": False, "mode": "default"}


def measure_parameters(measures: Iterable[Measure]) -> Iterator[Json]:
    """Figures with their units and limits, outside the identity."""
    for measure in measures:
        limit = f" (limit: {measure.limit})" if measure.limit else ""
        yield {"name": measure.name, "value": f"{measure.value:g} {measure.unit}{limit}", "excluded": True}


def details(reasons: Sequence[Reason], language: str) -> Json:
    """Reasons as the message of a result: what is so, and what to do next."""
    lines = [f"{say(reason, language)}\n  → {what_to_do(reason, language)}" for reason in dict.fromkeys(reasons)]
    return {"message": "\n".join(lines)} if lines else {}


def step(title: str, outcome: Outcome, *, started_ms: int = 0, ended_ms: int = 0) -> Json:
    """A step with nothing in it yet; without times it took none."""
    times: Json = {"start": started_ms, "stop": max(started_ms, ended_ms)} if started_ms else {}
    empty: Json = {"steps": [], "attachments": [], "parameters": []}
    return {"name": title, "status": outcome.value, "stage": "finished", **times, **empty}


def steps_of(steps: Iterable[Step], attachments: Sequence[Attachment], files: Files) -> list[Json]:
    """Our steps, with the evidence of each."""
    shaped = []
    for one in steps:
        made = step(one.title, one.outcome, started_ms=one.started_ms, ended_ms=one.ended_ms)
        made["attachments"] = [files.attach(kept) for kept in attached_to(one, attachments)]
        made["steps"] = steps_of(one.steps, attachments, files)
        shaped.append(made)
    return shaped


def attached_to(one: Step, attachments: Sequence[Attachment]) -> list[Attachment]:
    """The evidence of one step that may be shown."""
    return [
        attachments[index]
        for index in one.attachments
        if index < len(attachments) and attachments[index].withheld is None
    ]


def loose(steps: Iterable[Step], attachments: Sequence[Attachment]) -> list[Attachment]:
    """Evidence that belongs to no step."""
    taken = set(_indexes(steps))
    return [kept for index, kept in enumerate(attachments) if index not in taken and kept.withheld is None]


def withheld_steps(attachments: Iterable[Attachment]) -> list[Json]:
    """What was kept back is named, with the reason."""
    return [step(f"withheld: {kept.name} ({kept.withheld})", Outcome.SKIPPED) for kept in attachments if kept.withheld]


def finding_step(finding: Finding, stem: str, files: Files) -> Json:
    """One finding: a failed step with everything needed to see it again."""
    times = f" (seen {finding.count} times)" if finding.count > 1 else ""
    made = step(f"{finding.severity.value}: {finding.title}{times}", Outcome.FAILED)
    parts = [
        ("", finding.message),
        ("expected: ", finding.expected),
        ("actual: ", finding.actual),
        ("where: ", finding.location),
        ("contract: ", finding.place or ""),
        ("again: ", finding.curl),
    ]
    text = "\n".join(f"{before}{said}" for before, said in parts if said)
    made["statusDetails"] = {"message": finding.message}
    made["attachments"] = [files.attach_text(uuid_for(stem, finding.id), f"finding {finding.id}", text)]
    return made


def _indexes(steps: Iterable[Step]) -> Iterator[int]:
    for one in steps:
        yield from one.attachments
        yield from _indexes(one.steps)
