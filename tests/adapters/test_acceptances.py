"""harness verify and the gate over what the portal exports: whole or not at all."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.actions.acceptances import Trust, bundle_at, bundle_in
from harness.adapters.portal import portal_at
from harness.cli import main
from harness.formats.acceptance_checking import check_acceptance
from harness.formats.bundle import write_bundle
from harness.formats.dsse import NotTrusted
from harness.formats.webauthn_assertion import fingerprint
from harness.model.acceptance import Decision, Rule, Said, State
from harness.model.ledger import VoidPackage
from harness.model.signoff import Grade
from tests.adapters.portals import TOKEN, portal
from tests.unit.acceptances import NOW, given
from tests.unit.bundles import ANN_SIGNS, BUSINESS, FROZEN, KEY, LI, LI_SIGNS, PINNED, Writing, story

GOOD = story()
REFUSED = LI.signs(Decision.REJECT, reason="no", answers=(given("C-1", Said.CANT_TELL),))
VOID = VoidPackage(number=0, package_sha256=FROZEN.package_sha256, reason="r", by="q", at_ms=NOW + 3000)
FORGED = story(
    replace(
        LI.signs(),
        eligibility=tuple(replace(one, held=one.rule is not Rule.NOT_DEPLOYER) for one in LI.signs().eligibility),
    )
)
TRUST = Trust(keys=PINNED)


@pytest.fixture
def exported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("acceptance.zip").write_bytes(GOOD.bundle())
    Path("log.zip").write_bytes(GOOD.whole())
    Path("kept.txt").write_bytes(GOOD.checkpoint(3) + b"\n" + GOOD.checkpoint(10))
    Path("anew.zip").write_bytes(story(ANN_SIGNS).bundle())
    Path("forged.zip").write_bytes(FORGED.bundle())
    Path("cut.zip").write_bytes(Writing(entries=GOOD.entries[:4]).whole())


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["acceptance.zip", "--key", PINNED[0]], 0, "Li Wei, Head of desk (desk) accepted with conditions"),
        (["acceptance.zip", "--key", PINNED[0], "--checkpoints", "kept.txt"], 0, "all holds: 2 signatures"),
        (["acceptance.zip", "--key", PINNED[0], "--lang", "zh"], 0, "有条件接受"),
        (["acceptance.zip", "--key", PINNED[0], "--json"], 0, '"harness/verified-acceptance"'),
        (["log.zip", "--key", PINNED[0], "--checkpoints", "kept.txt"], 0, "not yet anchored outside: entries 10 to 10"),
        (["log.zip", "--key", PINNED[0], "--json"], 0, '"size": 11'),
        (["acceptance.zip"], 2, "no portal's key is named"),
        (["acceptance.zip", "--key", "ed25519:" + "A" * 43 + "="], 3, "can't be believed"),
        (["forged.zip", "--key", PINNED[0]], 3, "was not allowed to sign"),
        (["anew.zip", "--key", PINNED[0]], 0, "written anew as a whole would not be noticed"),
        (["anew.zip", "--key", PINNED[0], "--checkpoints", "kept.txt"], 3, "written anew"),
        (["cut.zip", "--key", PINNED[0], "--checkpoints", "kept.txt"], 3, "the log was cut"),
        (["acceptance.zip", "--key", PINNED[0], "--checkpoints", "acceptance.zip"], 3, "can't be believed"),
        (["acceptance.zip", "--key", PINNED[0], "--checkpoints", "none.txt"], 2, "can't read none.txt"),
    ],
)
def test_the_terminal_says_what_holds_and_what_does_not(exported, capsys, words, status, said):
    assert main(["verify", *words]) == status
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_the_verifier_in_the_bundle_says_the_same(exported, capsys):
    from harness.formats import offline_verifier

    assert offline_verifier.main(["acceptance.zip", "--key", PINNED[0], "--checkpoint", "kept.txt"]) == 0
    assert offline_verifier.main(["acceptance.zip"]) == 3
    assert offline_verifier.main(["forged.zip", "--key", PINNED[0]]) == 1
    assert offline_verifier.main(["anew.zip", "--key", PINNED[0], "--checkpoint", "kept.txt"]) == 1
    assert "by the bundle's own key alone" in capsys.readouterr().out


def asked(body: bytes, *, token: str = TOKEN, anchors: tuple[bytes, ...] = ()):
    with portal() as (url, kept):
        kept.bundle = body
        return bundle_at(portal_at(url, token), "2.4.1", "n", Trust(keys=PINNED, anchors=anchors))


def test_the_gate_reads_a_portals_bundle_whole():
    bundle, trouble = asked(GOOD.bundle())
    assert trouble == "" and bundle is not None
    assert bundle.bundle == check_acceptance(GOOD.bundle(), PINNED).bundle
    assert [(one.code, one.state) for one in bundle.packages] == [(BUSINESS.code, State.CONDITIONAL)]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ((ANN_SIGNS,), State.OPEN),
        ((REFUSED, ANN_SIGNS), State.REJECTED),
        ((LI_SIGNS, ANN_SIGNS, LI.withdraws(LI_SIGNS)), State.OPEN),
        ((LI_SIGNS, ANN_SIGNS, VOID), None),
    ],
)
def test_the_gate_is_told_how_every_package_stands_that_was_not_replaced(more, state):
    signed = bundle_in(story(*more).bundle(), TRUST)
    assert [one.state for one in signed.packages] == ([] if state is None else [state])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (FORGED.bundle(), "was not allowed to sign"),
        (write_bundle(check_acceptance(GOOD.bundle(), PINNED).bundle, KEY), "no whole bundle"),
        (b"", "no whole bundle"),
        (GOOD.whole(), "index"),
    ],
)
def test_what_a_portal_says_without_proof_is_not_believed(body, why):
    bundle, trouble = asked(body)
    assert bundle is None and why in trouble


def test_an_older_database_put_back_is_shown_to_the_gate_by_a_checkpoint_and_by_nothing_else():
    older = Writing(entries=GOOD.entries[:-1]).bundle()
    assert asked(older)[1] == ""  # the control
    bundle, trouble = asked(older, anchors=(GOOD.checkpoint(),))
    assert bundle is None and "cut" in trouble
    assert asked(GOOD.bundle(), anchors=(GOOD.checkpoint(),))[1] == ""


def test_a_single_document_shows_no_log_to_hold_against_a_checkpoint():
    with pytest.raises(NotTrusted, match="no whole bundle"):
        trust = Trust(keys=PINNED, anchors=(GOOD.checkpoint(),))
        bundle_in(write_bundle(check_acceptance(GOOD.bundle(), PINNED).bundle, KEY), trust)


def test_a_single_document_proves_no_passkey_whatever_it_says():
    told = check_acceptance(GOOD.bundle(), PINNED).bundle
    assert {one.grade for one in told.signoffs} == {Grade.PASSKEY}
    assert {one.grade for one in bundle_in(write_bundle(told, KEY), TRUST).bundle.signoffs} == {Grade.PASSWORD}
    assert {one.grade for one in bundle_in(GOOD.bundle(), TRUST).bundle.signoffs} == {Grade.PASSKEY}  # the control


def test_where_a_policy_names_passkeys_a_bundle_is_believed_by_them_alone():
    marks = tuple(fingerprint(one.assertion.public_key) for one in (LI_SIGNS, ANN_SIGNS) if one.assertion)
    assert bundle_in(GOOD.bundle(), Trust(keys=PINNED, passkeys=marks)).bundle.signoffs
    with pytest.raises(NotTrusted, match="Ann"):
        bundle_in(GOOD.bundle(), Trust(keys=PINNED, passkeys=marks[:1]))
    single = write_bundle(check_acceptance(GOOD.bundle(), PINNED).bundle, KEY)
    with pytest.raises(NotTrusted, match="shows no passkey"):
        bundle_in(single, Trust(keys=PINNED, passkeys=marks))


def test_a_portal_that_refuses_or_is_away_gives_no_sign_offs():
    assert asked(GOOD.bundle(), token="hpt_wrong")[0] is None
    bundle, trouble = bundle_at(portal_at("http://127.0.0.1:9", TOKEN), "2.4.1", "n", TRUST)
    assert bundle is None and "did not answer" in trouble


_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


def test_the_gate_is_undecided_where_the_portal_can_not_be_reached(tmp_path, monkeypatch, capsys):
    world = proof.built(tmp_path)
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("HARNESS_PORTAL_TOKEN", TOKEN)
    assert main(["gate", "--release", "1.0", "--to", "prod"]) == 0  # the control: the file that is there opens it
    capsys.readouterr()
    assert main(["gate", "--release", "1.0", "--to", "prod", "--sign-offs", "http://127.0.0.1:9"]) == 3
    assert "did not answer" in capsys.readouterr().out
    assert main(["gate", "--release", "1.0", "--to", "prod", "--sign-offs", "http://portal.example"]) == 2
    Path("kept.txt").write_bytes(GOOD.checkpoint())
    assert main(["gate", "--release", "1.0", "--to", "prod", "--checkpoints", "kept.txt"]) == 3
    assert main(["gate", "--release", "1.0", "--to", "prod", "--checkpoints", "none.txt"]) == 2
