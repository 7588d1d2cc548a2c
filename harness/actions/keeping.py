"""What was seen, made safe and written down: the only way from an engine's draft into a run directory.

Every byte passes the redactor first. What can't be rewritten is withheld and named; so is
whatever the redactor fails on. Each observation is one synced event; the record is made of
exactly those.
"""

import mimetypes
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from harness.adapters.run_directory import Draft
from harness.formats.redact_body import redact_body
from harness.formats.shape import to_json
from harness.model.evidence import (
    Attachment,
    Cell,
    Evidence,
    Finding,
    JobEnd,
    Observation,
    Observations,
    Reason,
    Relied,
    Seen,
    Step,
    StoodIn,
)
from harness.model.plan import Job
from harness.model.process import Ended
from harness.model.service import Stood
from harness.rules.redacting import Redactor

_PLAIN = "text/plain"


class Keeper:
    """Keeps what the jobs of one run came to."""

    def __init__(self, draft: Draft, redactor: Redactor) -> None:
        self._draft = draft
        self._redactor = redactor
        self.seen: list[Seen] = []
        self.jobs: list[JobEnd] = []
        self.cells: list[Cell] = []
        self.relied: list[Relied] = []
        self.stood_in: list[StoodIn] = []
        self.results: list[tuple[str, Evidence]] = []
        self.counts: Counter[str] = Counter()

    def hide_also(self, redactor: Redactor) -> None:
        """From now on hide what `redactor` knows."""
        self._redactor = redactor

    def keep(self, job: Job, ended: Ended, observations: Observations, engine: str) -> None:
        """Redact, store and write down everything that one job came to."""
        for observation in observations.observations:
            seen = self._seen(job.id, observation)
            self.seen.append(seen)
            self._draft.append({"event": "seen", **to_json(seen)})
        self.cells += observations.cells
        self.relied += observations.relied
        self.stood_in += observations.stood_in
        self.results += [(job.id, one) for one in self._clean(observations.results)]
        end = JobEnd(
            job=job.id,
            suite=job.suite,
            exit_status=ended.exit_status,
            killed_by=ended.killed_by,
            timed_out=ended.timed_out,
            started_ms=ended.started_ms,
            ended_ms=ended.ended_ms,
            engine=engine,
            left_behind=ended.left_behind,
            notes=tuple(self.text(note) for note in observations.notes),
            files=tuple(self._job_files(job, ended, observations)),
        )
        self.jobs.append(end)
        self._draft.append({"event": "job-ended", **to_json(end)})

    def keep_log(self, name: str, body: bytes) -> None:
        """Keep the log of a system or mock beside the jobs."""
        self._stored(Evidence(name="log.txt", media_type=_PLAIN, body=body), f"jobs/{_folder(name)}/log.txt")

    def text(self, text: str) -> str:
        """A text as it may be kept and shown."""
        return self._redactor.redact_text(text, self.counts)

    def reason(self, reason: Reason) -> Reason:
        """A reason whose values may be kept and shown."""
        return replace(reason, values=tuple((key, self.text(value)) for key, value in reason.values))

    def stood(self, stood: Stood) -> Stood:
        """How a service stood, its texts as they may be kept and shown."""
        fell = tuple(replace(one, why=self.text(one.why)) for one in stood.fell)
        return replace(stood, version=self.text(stood.version), where=self.text(stood.where), fell=fell)

    def _seen(self, job: str, observation: Observation) -> Seen:
        return Seen(
            check=observation.check,
            job=job,
            outcome=observation.outcome,
            reasons=tuple(self.reason(reason) for reason in observation.reasons),
            measures=observation.measures,
            findings=tuple(self._finding(finding) for finding in observation.findings),
            attachments=tuple(self._stored(evidence) for evidence in observation.evidence),
            steps=tuple(self._step(step) for step in observation.steps),
            started_ms=observation.started_ms,
            ended_ms=observation.ended_ms,
            labels=tuple((name, self.text(value)) for name, value in observation.labels),
        )

    def _finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            title=self.text(finding.title),
            title_zh=self.text(finding.title_zh),
            message=self.text(finding.message),
            expected=self.text(finding.expected),
            actual=self.text(finding.actual),
            curl=self.text(finding.curl),
            location=self.text(finding.location),
            scenario=self.text(finding.scenario),
        )

    def _step(self, step: Step) -> Step:
        return replace(step, title=self.text(step.title), steps=tuple(self._step(inner) for inner in step.steps))

    def _job_files(self, job: Job, ended: Ended, observations: Observations) -> Iterable[Attachment]:
        folder = f"jobs/{_folder(job.id)}"
        outputs = [("stdout.txt", ended.stdout), ("stderr.txt", ended.stderr), *sorted(ended.files.items())]
        kept = {one.name for one in observations.results}
        for name, body in outputs:
            if body and name.rpartition("/")[2] not in kept:
                media_type = mimetypes.guess_type(name)[0] or _PLAIN
                yield self._stored(Evidence(name=name, media_type=media_type, body=body), f"{folder}/{name}")
        for one in observations.series:
            yield self._stored(one, f"{folder}/{one.name}")

    def _stored(self, evidence: Evidence, path: str | None = None) -> Attachment:
        redacted = redact_body(self._redactor, evidence.body, evidence.media_type, evidence.name)
        self.counts.update(dict(redacted.counts))
        named = {"name": self.text(evidence.name), "media_type": evidence.media_type}
        if redacted.body is None:
            return Attachment(**named, sha256="", size=0, withheld=redacted.withheld or "it could not be made safe")
        sha256 = self._draft.store(redacted.body)
        if path is not None:
            self._draft.link(sha256, path)
        return Attachment(**named, sha256=sha256, size=len(redacted.body))

    def _clean(self, results: tuple[Evidence, ...]) -> Iterable[Evidence]:
        for one in results:
            redacted = redact_body(self._redactor, one.body, one.media_type, one.name)
            self.counts.update(dict(redacted.counts))
            if redacted.body is not None:
                yield replace(one, body=redacted.body)


def _folder(job: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in job)
