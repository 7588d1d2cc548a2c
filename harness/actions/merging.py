"""Joining shards: closed runs from several machines become one run here, or the sentence why they don't."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from harness.actions.attesting import statements_for
from harness.actions.gating import pinned_runners
from harness.adapters.exhibits import exhibit_from, folder_reader
from harness.adapters.host import Host
from harness.adapters.releases import note_run
from harness.adapters.run_archive import Archive
from harness.adapters.run_directory import Draft
from harness.adapters.signing_keys import runner_key
from harness.errors import AskedWrongly, CouldNotTell, Place, Problem
from harness.formats.allure import allure_files
from harness.formats.documents import digest, write_document
from harness.formats.run_statements import FILE
from harness.formats.shape import to_json
from harness.model.attestation import Signature
from harness.model.evidence import Attachment, Record
from harness.model.gate import Unreadable
from harness.model.plan import Plan
from harness.rules.judging import judge
from harness.rules.sharding import joined_plan, joined_record, problems_of

Read = Callable[[str], bytes | None]


def merge(host: Host, root: Path, sources: tuple[Path, ...]) -> Path:
    """Join the shards in `sources` (run folders or archives); gives the new run's folder.

    CouldNotTell where one is missing, given twice, unreadable, changed, of another plan, or not signed by a runner that
    the gate's policy names: then nothing is written.
    """
    keys = pinned_runners(root)
    runner_key(host.environ, root)  # one that can't be used is told before anything is written
    with ExitStack() as opened:
        laid = [_shard(opened, source, keys) for source in sources]
        problems = problems_of(tuple((plan, record) for plan, record, _ in laid))
        if problems:
            hint = "every shard of one run is needed, each once: harness run TIER --shard I/N"
            raise CouldNotTell.of(Problem(message=one, hint=hint) for one in problems)
        laid.sort(key=lambda one: one[0].shard.index if one[0].shard else 0)
        return _written(host, root, laid)


def _shard(opened: ExitStack, source: Path, keys: tuple[str, ...]) -> tuple[Plan, Record | None, Read]:
    if not source.exists():
        raise AskedWrongly(f"{source} is not there", place=Place(file=str(source)), hint="name a run's folder or .zip")
    is_draft = source.parent.name == "drafts"
    read = folder_reader(source) if source.is_dir() else opened.enter_context(Archive(source)).read
    found = exhibit_from(str(source), read, draft=is_draft, keys=keys)
    if isinstance(found, Unreadable):
        raise CouldNotTell(f"{source} can't be read: {found.why}", place=Place(file=str(source)), hint="fetch it again")
    if found.changed or (found.record is not None and found.record.plan_sha256 != found.plan_sha256):
        what = found.changed or "plan and record"
        raise CouldNotTell(f"{source} was changed: {what}", place=Place(file=str(source)), hint="run that shard again")
    if keys and found.record_sha256 and found.signature is not Signature.GOOD:
        why = found.missigned or "it is not signed"
        hint = "the gate's policy names the runners whose signature counts: harness attest on that machine"
        raise CouldNotTell(f"{source} can't be believed: {why}", place=Place(file=str(source)), hint=hint)
    return found.plan, found.record if found.record_sha256 else None, read


def _written(host: Host, root: Path, laid: list[tuple[Plan, Record | None, Read]]) -> Path:
    plan = joined_plan(tuple(one for one, _, _ in laid), host.new_run_id())
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    note_run(root, plan.release, plan.run, sealed)
    record = joined_record(tuple(one for _, one, _ in laid if one is not None), plan.run, sealed)
    for _, one, read in laid:
        for attachment in _attachments(one):
            body = read(f"evidence/{attachment.sha256}") if attachment.withheld is None else None
            if body is not None:
                draft.store(body)
    for seen in record.seen:
        draft.append({"event": "seen", **to_json(seen)})
    for job in record.jobs:
        draft.append({"event": "job-ended", **to_json(job)})
    verdict = judge(plan, record, sealed)
    draft.write("verdict.json", write_document(verdict, run=plan.run, tier=plan.tier))
    results = allure_files(plan, record, verdict)
    for name, content in results.written.items():
        draft.write(f"allure-results/{name}", content)
    for name, sha256 in results.links.items():
        draft.link(sha256, f"allure-results/{name}")
    body = write_document(record)
    if statements := statements_for(host, root, plan, record, sealed, body):
        draft.write(FILE, statements)
    note_run(root, plan.release, plan.run, sealed, digest(body))
    return draft.close(body)


def _attachments(record: Record | None) -> Iterator[Attachment]:
    for seen in record.seen if record else ():
        yield from seen.attachments
    for job in record.jobs if record else ():
        yield from job.files
