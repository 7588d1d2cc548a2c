"""A bundle of acceptance: the good one holds for both verifiers, and every wrong one is refused by both and named."""

import contextlib
import hashlib
import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given as over
from hypothesis import strategies as st

from harness.formats import offline_verifier
from harness.formats.acceptance_bundle import INDEX, INDEX_TYPE, SIGNOFFS
from harness.formats.acceptance_checking import check_acceptance
from harness.formats.bundle import write_bundle
from harness.formats.canonical import canonical_bytes, plain
from harness.formats.checkpoint import write_checkpoint
from harness.formats.dsse import NotTrusted, public_bytes, seal, unseal
from harness.formats.log_checking import anchors_in, check_log, read_log
from harness.formats.manifest import challenge_for, package_digest
from harness.formats.plain_zip import read_zip, write_zip
from harness.formats.webauthn_assertion import fingerprint
from harness.model.acceptance import Act, ActKind, Decision, Rule, Said, Side
from harness.model.evidence import Outcome
from harness.model.ledger import Checkpoint, HandsTold, MetCondition, RoleEnded, RoleGiven, VoidPackage
from harness.model.signoff import Answer, Grade, Waiver
from tests.unit.acceptances import ALL_YES, NOW, given
from tests.unit.bundles import ANN, ANN_SIGNS, BUSINESS, FROZEN, KEY, LI, LI_SIGNS, ORIGIN, PINNED, Writing, story
from tests.unit.passkeys import Passkey

GOOD = story()
BUNDLE = GOOD.bundle()
RAW = public_bytes(PINNED[0])


def ours(body: bytes, anchors=()) -> str:
    try:
        check_acceptance(body, PINNED, anchors)
    except NotTrusted as error:
        return str(error)
    return ""


def theirs(body: bytes, anchors=()) -> str:
    try:
        offline_verifier.check(body, RAW, list(anchors))
    except offline_verifier.Wrong as error:
        return str(error)
    return ""


def unheld(one, rule: Rule):
    return replace(one, eligibility=tuple(replace(e, held=e.rule is not rule) for e in one.eligibility))


def hand(person: str) -> Act:
    return Act(kind=ActKind.COMMIT_AUTHOR, person=person)


def admin(person: str) -> RoleGiven:
    return RoleGiven(number=0, person=person, role="admin", by="x", approved_by="y", at_ms=FROZEN.at_ms)


def told_later(person: str) -> HandsTold:
    return HandsTold(number=0, package_sha256=FROZEN.package_sha256, acts=(hand(person),), by="x", at_ms=NOW + 3000)


def late(*told) -> Writing:
    log = Writing()
    for one in told:
        log.add(one)
    return log


def resigned(change) -> bytes:
    """The members changed, and the index signed again by the portal's own key."""
    members = read_zip(BUNDLE)
    index = plain(unseal(members.pop(INDEX), INDEX_TYPE, PINNED), INDEX)
    change(members)
    index["members"] = [
        {"name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)} for name, body in members.items()
    ]
    return write_zip({INDEX: seal(canonical_bytes(index), INDEX_TYPE, KEY), **members})


def forged_signoffs(members) -> None:
    bundle = check_acceptance(BUNDLE, PINNED).bundle
    members[SIGNOFFS] = write_bundle(
        replace(bundle, signoffs=tuple(replace(one, answer=Answer.ACCEPTED) for one in bundle.signoffs)), KEY
    )


def fewer_signoffs(members) -> None:
    bundle = check_acceptance(BUNDLE, PINNED).bundle
    members[SIGNOFFS] = write_bundle(replace(bundle, signoffs=bundle.signoffs[1:]), KEY)


def waivers_put_in(members) -> None:
    bundle = check_acceptance(BUNDLE, PINNED).bundle
    waiver = Waiver(
        check="contract:hub/a",
        owner="dev",
        reason="known",
        ticket="T-1",
        approved_by="lead",
        approved_ms=NOW,
        expires_ms=NOW + 10**9,
        release=bundle.release,
        nonce=bundle.nonce,
        tiers=("preprod",),
    )
    members[SIGNOFFS] = write_bundle(replace(bundle, waivers=(waiver,)), KEY)


FAILING = replace(BUSINESS, criteria=(replace(BUSINESS.criteria[0], outcome=Outcome.FAILED), *BUSINESS.criteria[1:]))
EASY = replace(BUSINESS, grade=Grade.PASSWORD)
LOW = {"grade": Grade.TOTP, "assertion": None}
MUST_NO = (given("M-1", Said.NO), *ALL_YES[1:])
COULD_TELL_NOT = given("C-1", Said.CANT_TELL)
OTHERS = Passkey.new().sign(challenge_for(LI_SIGNS.statement))
ENROLMENTS = (*LI.joined(), LI.enrolled(), *ANN.joined(), ANN.enrolled())

# What somebody who holds the portal's key, but no passkey of the signers, may try to write.
FORGED = {
    "a signature by another passkey": (story(LI.signs(by=Passkey.new())), "enrolled"),
    "a signature by another passkey under this one's name": (
        story(replace(LI_SIGNS, assertion=replace(OTHERS, public_key=LI_SIGNS.assertion.public_key))),
        "not by th",
    ),
    "one signature put in twice": (story(LI_SIGNS, LI_SIGNS), "signed twice"),
    "other words than the package's": (story(LI.signs(text="I accept all.")), "other"),
    "a signature moved to another decision": (
        story(replace(LI_SIGNS, statement=replace(LI_SIGNS.statement, reason="x"))),
        "else|something",
    ),
    "a signature given to another person": (
        story(replace(LI_SIGNS, statement=replace(LI_SIGNS.statement, person="p-ann"))),
        "enrolled",
    ),
    "a passkey that nobody enrolled": (late(*LI.joined(), FROZEN, LI_SIGNS), "enrolled"),
    "a passkey that an administrator enrolled": (
        late(*LI.joined(), LI.enrolled(by="p-admin"), FROZEN, LI_SIGNS),
        "enrolled",
    ),
    "a passkey enrolled after the signature": (
        late(*LI.joined(), FROZEN, LI_SIGNS, LI.enrolled(at_ms=NOW + 1)),
        "enrolled",
    ),
    "a package that was never frozen": (late(*ENROLMENTS, LI_SIGNS), "frozen"),
    "a package frozen after the signature": (
        late(*ENROLMENTS, LI_SIGNS, replace(FROZEN, at_ms=NOW + 1)),
        "older|frozen",
    ),
    "a signature without a passkey": (story(LI.signs(assertion=None)), "lacks|no passkey"),
    "a grade below the package's": (story(LI.signs(**LOW)), "grade"),
    "a signature that came too late": (story(LI.signs(signed_ms=NOW + 10**9)), "expired|late"),
    "somebody of IT": (story(LI.signs(side=Side.IT)), "allowed"),
    "a commit author": (story(unheld(LI.signs(), Rule.NOT_COMMIT_AUTHOR)), "allowed"),
    "somebody who never joined": (late(LI.joined()[1], LI.enrolled(), FROZEN, LI_SIGNS), "joined"),
    "somebody who joined twice": (late(*LI.joined(), *ENROLMENTS, FROZEN, LI_SIGNS), "joined"),
    "somebody who joined as IT": (
        late(*LI.joined(side=Side.IT), LI.enrolled(), FROZEN, LI_SIGNS),
        "side",
    ),
    "somebody who joined under another name": (
        late(*LI.joined(name="Li Wie"), LI.enrolled(), FROZEN, LI_SIGNS),
        "joined as",
    ),
    "a role that nobody gave": (late(LI.joined()[0], LI.enrolled(), FROZEN, LI_SIGNS), "role"),
    "a role that its holder approved": (
        late(LI.joined()[0], replace(LI.joined()[1], approved_by="p-li"), LI.enrolled(), FROZEN, LI_SIGNS),
        "role",
    ),
    "a role that one person gave alone": (
        late(LI.joined()[0], replace(LI.joined()[1], approved_by="p-admin"), LI.enrolled(), FROZEN, LI_SIGNS),
        "role",
    ),
    "a role that was ended": (
        late(
            *LI.joined(),
            RoleEnded(number=0, person="p-li", role="desk", by="x", at_ms=FROZEN.at_ms),
            LI.enrolled(),
            FROZEN,
            LI_SIGNS,
        ),
        "role",
    ),
    "a commit author, told by mail": (
        story(LI_SIGNS, package=replace(FROZEN, acts=(hand("p-li@example.org"),))),
        "hand",
    ),
    "a deployer, told by id": (story(LI_SIGNS, package=replace(FROZEN, acts=(hand("p-li"),))), "hand"),
    "a deployer, told after freezing and before the signature": (
        story(replace(told_later("p-li"), at_ms=NOW), LI_SIGNS),
        "hand",
    ),
    "an administrator of the portal": (late(*ENROLMENTS, admin("p-li"), FROZEN, LI_SIGNS), "administers"),
    "an administrator for a moment": (
        story(
            replace(admin("p-li"), at_ms=NOW),
            RoleEnded(number=0, person="p-li", role="admin", by="x", at_ms=NOW),
            LI_SIGNS,
        ),
        "administers",
    ),
    "a table of rules that lacks one": (
        story(replace(LI_SIGNS, eligibility=LI_SIGNS.eligibility[1:])),
        "allowed",
    ),
    "a Must that does not work": (story(LI.signs(answers=MUST_NO)), "M-1"),
    "an answer left out": (story(LI.signs(answers=ALL_YES[1:])), "M-1"),
    "a refusal without a reason": (story(LI.signs(Decision.REJECT)), "reason"),
    "a withdrawal by another": (
        story(LI_SIGNS, ANN_SIGNS, ANN.withdraws(LI_SIGNS)),
        "withdrawal",
    ),
    "a withdrawal that came too late": (story(LI_SIGNS, ANN_SIGNS, LI.withdraws(LI_SIGNS, expires_ms=NOW + 1)), "late"),
    "a withdrawal less sure than the signature": (
        story(LI_SIGNS, ANN_SIGNS, replace(LI.withdraws(LI_SIGNS), grade=Grade.TOTP, assertion=None)),
        "lower grade",
    ),
    "a condition that another saw met": (
        story(LI_SIGNS, ANN_SIGNS, MetCondition(number=0, signature=9, criterion="S-1", by="p-ann", at_ms=NOW + 3000)),
        "never set",
    ),
    "a condition met that nobody set": (
        story(LI_SIGNS, ANN_SIGNS, MetCondition(number=0, signature=9, criterion="M-1", by="p-li", at_ms=NOW + 3000)),
        "never set",
    ),
    "a clock that was set back": (story(LI_SIGNS, replace(ANN_SIGNS, signed_ms=NOW - 500)), "older|time"),
}


def test_the_good_bundle_holds_for_both():
    checked = check_acceptance(BUNDLE, PINNED, (GOOD.checkpoint(), GOOD.checkpoint(2)))
    assert [one.number for one in checked.signatures] == [9, 10]
    assert [(one.criterion, one.answer.value) for one in checked.bundle.signoffs] == [
        ("M-1", "accepted"),
        ("M-2", "accepted"),
        ("S-1", "conditioned"),
        ("F-1", "accepted"),
    ]
    assert theirs(BUNDLE, (GOOD.checkpoint(), GOOD.checkpoint(2))) == ""


@pytest.mark.parametrize("name", FORGED)
def test_what_the_server_alone_could_write_is_refused_by_both(name):
    writing, why = FORGED[name]
    body = writing.bundle()
    assert re.search(why, ours(body)), ours(body)
    assert re.search(why, theirs(body)), theirs(body)


def test_a_must_that_a_machine_saw_failing_is_refused_by_both():
    sha = package_digest(FAILING)
    body = story(LI.signs(package=FAILING), package=replace(FROZEN, package_sha256=sha)).bundle((FAILING,))
    assert "M-1" in ours(body) and "M-1" in theirs(body)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (forged_signoffs, "follow"),
        (fewer_signoffs, "follow"),
        (
            lambda members: members.update(
                {"manifests/AAAA-AAAA.json": members.pop(f"manifests/{BUSINESS.code}.json")}
            ),
            "holds the package",
        ),
        (lambda members: members.update({"evidence/" + "0" * 64: b"x"}), "evidence"),
        (lambda members: members.update({"log/leaves.bin": members["log/leaves.bin"][:-32]}), "checkpoint"),
        (lambda members: members.update({"log/entries.ndjson": b""}), "match"),
    ],
)
def test_a_bundle_whose_parts_disagree_is_refused(change, why):
    body = resigned(change)
    assert re.search(why, ours(body)) and ours(body)


def test_a_waiver_that_the_portal_put_in_alone_is_refused_by_both():
    body = resigned(waivers_put_in)
    assert "waivers" in ours(body) and "waivers" in theirs(body)
    assert (ours(resigned(lambda _: None)), theirs(resigned(lambda _: None))) == ("", "")  # the control


MARKS = tuple(fingerprint(one.assertion.public_key) for one in (LI_SIGNS, ANN_SIGNS) if one.assertion)
EVIL = replace(LI, passkey=Passkey.new())
BY_THE_PORTALS_ADMINISTRATOR = {
    "a second passkey in a signer's name": story(
        EVIL.enrolled(at_ms=NOW), EVIL.signs(nonce="evil", signed_ms=NOW + 500), ANN_SIGNS
    ),
    "a refusal taken back in its signer's name": story(
        LI.signs(Decision.REJECT, reason="no"),
        EVIL.enrolled(at_ms=NOW),
        ANN_SIGNS,
        EVIL.withdraws(LI.signs(Decision.REJECT, reason="no")),
    ),
}


def pinned(body: bytes, passkeys: tuple[str, ...]) -> tuple[str, str]:
    """What each verifier says where only these may sign."""
    said = ["", ""]
    with contextlib.suppress(NotTrusted):
        check_acceptance(body, PINNED, (), passkeys)
        said[0] = "holds"
    with contextlib.suppress(offline_verifier.Wrong):
        offline_verifier.check(body, RAW, [], passkeys)
        said[1] = "holds"
    return said[0], said[1]


@pytest.mark.parametrize("name", BY_THE_PORTALS_ADMINISTRATOR)
def test_who_has_the_portals_key_can_enrol_for_somebody_and_only_a_policy_that_names_passkeys_notices(name):
    body = BY_THE_PORTALS_ADMINISTRATOR[name].bundle()
    assert pinned(body, ()) == ("holds", "holds"), "the log is consistent: nothing in it can tell"
    assert pinned(body, MARKS) == ("", "")


def test_a_bundle_whose_passkeys_are_named_holds_and_one_that_is_not_named_refuses_it():
    assert pinned(BUNDLE, MARKS) == pinned(BUNDLE, (*MARKS, "passkey:" + "0" * 64)) == ("holds", "holds")
    assert pinned(BUNDLE, MARKS[:1]) == pinned(BUNDLE, MARKS[1:]) == ("", "")


def test_a_weaker_grade_that_the_package_allows_holds_on_the_servers_word():
    log = story(LI.signs(package=EASY, **LOW), package=replace(FROZEN, package_sha256=package_digest(EASY)))
    body = log.bundle((EASY,))
    assert (ours(body), theirs(body)) == ("", "")
    assert {one.grade for one in check_acceptance(body, PINNED).bundle.signoffs} == {Grade.TOTP}


@pytest.mark.parametrize(
    "more",
    [
        (LI.withdraws(LI_SIGNS),),
        (told_later("p-li"),),
        (told_later("p-li@example.org"),),
        (VoidPackage(number=0, package_sha256=FROZEN.package_sha256, reason="r", by="q", at_ms=NOW + 3000),),
        (MetCondition(number=0, signature=9, criterion="S-1", by="p-li", at_ms=NOW + 3000),),
        (LI.signs(Decision.REJECT, reason="it broke", nonce="again", signed_ms=NOW + 3000),),
        (
            LI.signs(
                Decision.REJECT, reason="x", nonce="2", signed_ms=NOW + 3000, answers=(given("C-1", Said.CANT_TELL),)
            ),
        ),
    ],
)
def test_what_happens_later_holds_for_both_and_changes_what_the_gate_reads(more):
    body = story(LI_SIGNS, ANN_SIGNS, *more).bundle()
    assert (ours(body), theirs(body)) == ("", "")
    assert check_acceptance(body, PINNED).bundle.signoffs != check_acceptance(BUNDLE, PINNED).bundle.signoffs


def refused(person: str):
    again = LI.signs(Decision.REJECT, reason="totals are wrong", nonce="again", signed_ms=NOW + 2000)
    return story(LI_SIGNS, ANN_SIGNS, again, told_later(person)).bundle()


@pytest.mark.parametrize("person", ["p-li", "p-li@example.org"])
def test_a_hand_told_later_takes_no_refusal_away(person):
    body, control = refused(person), refused("p-nobody")
    assert (ours(body), theirs(body)) == ("", "")
    read = check_acceptance(body, PINNED).bundle.signoffs
    assert read == check_acceptance(control, PINNED).bundle.signoffs
    assert Answer.REJECTED in {one.answer for one in read if one.role == "desk"}


@pytest.mark.parametrize("told", [("p-nobody", FROZEN.package_sha256), ("p-li", "other")])
def test_a_hand_of_somebody_else_or_in_another_release_changes_nothing(told):
    later = replace(told_later(told[0]), package_sha256=told[1])
    body = story(LI_SIGNS, ANN_SIGNS, later).bundle()
    assert (ours(body), theirs(body)) == ("", "")
    assert check_acceptance(body, PINNED).bundle.signoffs == check_acceptance(BUNDLE, PINNED).bundle.signoffs


def test_an_unpinned_key_is_believed_by_nobody():
    other = Writing(key=Ed25519PrivateKey.generate(), entries=GOOD.entries)
    assert "key" in ours(other.bundle()) and "key" in theirs(other.bundle())


def test_a_log_written_anew_with_the_portals_own_key_is_noticed_by_an_outside_checkpoint_alone():
    anew = story(ANN_SIGNS)
    kept = anchors_in(GOOD.checkpoint(8) + b"\n" + GOOD.checkpoint(10) + b"\n")
    assert len(kept) == 2
    assert (ours(anew.bundle()), theirs(anew.bundle())) == ("", "")  # the control: no outside copy, nothing to notice
    assert "written anew" in ours(anew.bundle(), kept[1:]) and "written anew" in theirs(anew.bundle(), kept[1:])
    assert (ours(anew.bundle(), kept[:1]), theirs(anew.bundle(), kept[:1])) == ("", "")


def test_a_log_that_was_cut_is_noticed_by_an_outside_checkpoint():
    cut = Writing(entries=GOOD.entries[:-1])
    assert "cut" in ours(cut.bundle(), (GOOD.checkpoint(),)) and "cut" in theirs(cut.bundle(), (GOOD.checkpoint(),))


def test_both_read_a_witness_file_alike():
    other = write_checkpoint(Checkpoint(origin=ORIGIN, size=2, root=bytes(32)), Ed25519PrivateKey.generate())
    both = GOOD.checkpoint(2) + other.split(b"\n\n")[1]
    file = GOOD.checkpoint(1) + b"\n" + both + b"\n" + GOOD.checkpoint(3)
    assert list(anchors_in(file)) == offline_verifier.notes(file) == [GOOD.checkpoint(1), both, GOOD.checkpoint(3)]
    assert list(anchors_in(b"")) == offline_verifier.notes(b"") == []


def test_a_whole_log_is_checked_by_both():
    whole = GOOD.whole()
    assert check_log(read_log(whole), PINNED)[0].size == 11
    assert theirs(whole) == ""
    cut = Writing(entries=GOOD.entries[:-1]).whole()
    with pytest.raises(NotTrusted, match="cut"):
        check_log(read_log(cut), PINNED, (GOOD.checkpoint(),))


@over(st.integers(0, len(BUNDLE) * 8 - 1))
def test_no_flipped_bit_of_a_bundle_passes_either(bit):
    changed = bytearray(BUNDLE)
    changed[bit // 8] ^= 1 << bit % 8
    assert ours(bytes(changed)) and theirs(bytes(changed))


def test_the_challenge_is_the_statement():
    assert challenge_for(LI_SIGNS.statement) != challenge_for(ANN_SIGNS.statement)
