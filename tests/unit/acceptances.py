"""A package, people and statements for tests to vary."""

from dataclasses import replace

from harness.formats.manifest import package_digest
from harness.model.acceptance import (
    Asked,
    Auth,
    Condition,
    Decision,
    Given,
    Granted,
    Package,
    Person,
    Said,
    Side,
    Slot,
    Statement,
    Wording,
)
from harness.model.criteria import Priority, Text
from harness.model.evidence import Outcome
from harness.model.ledger import Signature
from harness.model.signoff import Grade
from harness.rules.accepting import text_of

NOW = 1_790_000_000_000
DAY = 86_400_000


def asked(id_: str, priority: Priority = Priority.MUST, **more) -> Asked:
    return Asked(
        id=id_,
        sha256=id_.lower() * 4,
        title=Text(en=f"{id_} works", zh=f"{id_} 可用"),
        statement=Text(en="When I do it, it is done.", zh="做了就好。"),
        priority=priority,
        **{"owner": "desk", "outcome": Outcome.PASSED, **more},
    )


PACKAGE = Package(
    code="7F3A-92KD",
    project="order hub",
    release="2.4.1",
    nonce="n" * 32,
    tier="preprod",
    phase=1,
    frozen_ms=NOW - DAY,
    expires_ms=NOW + 14 * DAY,
    grade=Grade.PASSKEY,
    goal=Text(en="Orders", zh="订单"),
    criteria=(
        asked("M-1"),
        asked("M-2"),
        asked("S-1", Priority.SHOULD),
        asked("C-1", Priority.COULD),
        asked("W-1", Priority.WONT),
        asked("F-1", owner="finance"),
    ),
    slots=(Slot(role="desk"), Slot(role="finance")),
    wordings=tuple(
        Wording(
            language=language,
            decision=decision,
            text=f"{language} {decision.value}: {{name}}, {{title}}. {{conditions}}{{reason}}",
        )
        for language in ("en", "zh")
        for decision in Decision
    ),
)
LI = Person(
    id="p-li",
    name="Li Wei",
    title="Head of Claims",
    side=Side.BUSINESS,
    roles=(Granted(role="desk", by="p-boss", since_ms=1),),
)
AUTH = Auth(grade=Grade.PASSKEY, at_ms=NOW - 1000, credential_by="p-li", credential_ms=1, user_verified=True)


def given(id_: str, said: Said = Said.YES) -> Given:
    return Given(criterion=id_, criterion_sha256=id_.lower() * 4, said=said)


ALL_YES = (given("M-1"), given("M-2"), given("S-1"), given("C-1"))


def condition(id_: str = "S-1", **more) -> Condition:
    return Condition(**{"criterion": id_, "text": "mend it", "owner": "Ann", "due_ms": NOW + DAY, **more})


def statement(decision: Decision = Decision.ACCEPT, package: Package = PACKAGE, **more) -> Statement:
    said = Statement(
        **{
            "package_sha256": package_digest(package),
            "code": package.code,
            "person": LI.id,
            "name": LI.name,
            "title": LI.title,
            "role": "desk",
            "side": Side.BUSINESS,
            "decision": decision,
            "language": "en",
            "text": "",
            "nonce": "once",
            "issued_ms": NOW - 1000,
            "expires_ms": NOW + 600_000,
            "answers": ALL_YES,
            **more,
        }
    )
    return replace(said, text=said.text or text_of(package, said))


def signature(number: int, said: Statement | None = None, **more) -> Signature:
    return Signature(
        **{
            "number": number,
            "statement": said or statement(),
            "grade": Grade.PASSKEY,
            "signed_ms": NOW,
            "zone": "Europe/Berlin",
            "eligibility": (),
            **more,
        }
    )
