"""A run to bring: criteria of two roles, a picture, and everything that the portal looks at."""

import hashlib
import json

from harness.formats.documents import digest, write_document
from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Attachment, Closed, Outcome, Record, Seen
from harness.model.plan import Check, ContractWork, Job, Plan, Promise, Release, UatWork
from harness.model.release import Artifact, Declared
from harness.model.tier import Policy, Suite

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f000385018060fb1f2e0000000049454e44ae426082"
)
RELEASE, TIER = "2.4.1", "preprod"


def criterion(id_: str, owner: str, priority: Priority = Priority.MUST, **more) -> Criterion:
    return Criterion(
        id=id_,
        title=Text(en=f"{id_}: an order shows the right total", zh=f"{id_}：订单显示正确金额"),
        statement=Text(en="When I order I see price times quantity.", zh="下单时我看到单价乘以数量。"),
        priority=priority,
        owner=owner,
        sha256=hashlib.sha256(f"{id_}{more.get('version', '')}".encode()).hexdigest(),
    )


CRITERIA = (
    criterion("ORD-1", "order-desk"),
    criterion("ORD-2", "order-desk", Priority.SHOULD),
    criterion("INV-1", "finance"),
    criterion("INV-2", "finance", Priority.COULD),
)


def publication(
    *,
    criteria: tuple[Criterion, ...] = CRITERIA,
    run: str = "20261120T170301Z-7f3a",
    nonce: str = "n" * 32,
    release: str = RELEASE,
    acts: tuple[dict[str, str], ...] = (),
    pictures: tuple[bytes, ...] = (PICTURE,),
    failed: tuple[str, ...] = (),
    media_type: str = "image/png",
    name: str = "page",
    attached: tuple[tuple[str, str, bytes], ...] = (),
    others: int = 0,
) -> tuple[bytes, dict[str, bytes]]:
    """The body to post, and the evidence by digest. `others`: how many results more, of a contract;
    `attached` more files: name, media type, bytes.
    """
    declared = write_document(
        Declared(
            name=release,
            nonce=nonce,
            declared_ms=1,
            artifacts=(Artifact(name="hub.whl", digest="sha256:" + "a" * 64),),
        )
    )
    given = (*((name, media_type, one) for one in pictures), *attached)
    files = {hashlib.sha256(body).hexdigest(): body for _, _, body in given}
    shown = tuple(
        Attachment(name=called, media_type=kind, sha256=hashlib.sha256(body).hexdigest(), size=len(body))
        for called, kind, body in given
    )
    checks = tuple(
        Check(id=f"uat:orders/{one.id}", suite=Suite.UAT, promise=Promise.CRITERION, title=one.title.en)
        for one in criteria
    )
    job = Job(
        id="uat:orders",
        suite=Suite.UAT,
        work=UatWork(folder="uat", criteria=criteria),
        checks=checks,
        seed=1,
        deadline_s=1.0,
    )
    operations = tuple(
        Check(id=f"contract:hub/op{at}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=f"operation {at}")
        for at in range(others)
    )
    contract = Job(
        id="contract:hub",
        suite=Suite.CONTRACT,
        work=ContractWork(system="hub", contract="c", operations=(), required=(), max_examples=1),
        checks=operations,
        seed=1,
        deadline_s=1.0,
    )
    plan = write_document(
        Plan(
            run=run,
            tier=TIER,
            release=Release(name=release, nonce=nonce, sha256=digest(declared)),
            seed=1,
            jobs=(job, *((contract,) if others else ())),
            policy=Policy(),
            digests=(),
        )
    )
    seen = tuple(
        Seen(
            check=f"uat:orders/{one.id}",
            job="uat:orders",
            outcome=Outcome.FAILED if one.id in failed else Outcome.PASSED,
            attachments=shown,
            labels=(("criterion-version", one.sha256[:12]),),
        )
        for one in criteria
    )
    seen += tuple(Seen(check=one.id, job=contract.id, outcome=Outcome.PASSED) for one in operations)
    record = write_document(
        Record(
            run=run,
            tier=TIER,
            plan_sha256=digest(plan),
            started_ms=1,
            ended_ms=1_790_000_000_000,
            closed=Closed.COMPLETE,
            seen=seen,
        )
    )
    body = {
        "kind": "harness/publication",
        "version": 1,
        "plan": plan.decode(),
        "record": record.decode(),
        "declared": declared.decode(),
        "policy_sha256": "f" * 64,
        "acts": list(acts),
    }
    return json.dumps(body).encode(), files
