"""Ways for those who build and run a system to have a signature that the business did not give: none is believed.

    python tests/proofs/insiders.py [--scaled]

A portal is served, people join it, and one of the business is a touch away from signing. Then each way is tried from
the same state: with sessions, tokens and pages, at the database, with the portal's own key. After each the gate's
bundle is fetched and held against pinned key, outside checkpoints and named passkeys by both verifiers. A way is
refused where no signature came of it, named where the bundle is not believed. Controls: the person herself signs and is
believed; an older database without checkpoints, and an enrolled key without named passkeys, are NOT noticed.
"""

import argparse
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from harness.formats import offline_verifier  # noqa: E402
from harness.formats.acceptance_checking import check_acceptance  # noqa: E402
from harness.formats.dsse import NotTrusted, public_bytes  # noqa: E402
from harness.formats.log_checking import anchors_in  # noqa: E402
from harness.formats.webauthn_assertion import encoded, fingerprint  # noqa: E402
from tests.live.portal.forking import Forked, forked  # noqa: E402
from tests.live.portal.people import PASSWORD, Office, joined, open_office  # noqa: E402
from tests.live.portal.test_keeping import portal_key  # noqa: E402
from tests.portal.browser import Browser, SoftKey  # noqa: E402
from tests.portal.publication import RELEASE, criterion, publication  # noqa: E402

ROLE = "order-desk"


@dataclass
class Scene:
    """The portal, everybody in it, and the package that waits for Li."""

    portal: Forked
    office: Office
    li: Browser
    ana: Browser
    ada: Browser
    ed: Browser
    code: str
    other: str
    reader: str
    said: dict[str, Any]
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"/packages/{self.code}/{ROLE}/sign"

    # --- as it was ------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep everything as it is now."""
        self.portal.kill()
        for name in ("data", "witness"):
            shutil.copytree(self.portal.root / name, self.portal.root / f"kept-{name}")
        self.portal.start()

    def back(self, *, witness: bool = True) -> None:
        """Put it back; without `witness`, what lies outside stays."""
        if self.portal.child:
            self.portal.kill()
        for name in ("data", "witness") if witness else ("data",):
            shutil.rmtree(self.portal.root / name)
            shutil.copytree(self.portal.root / f"kept-{name}", self.portal.root / name)
        self.portal.start()

    # --- what an administrator of the machine can do ----------------------------------------------------------------

    def by_sql(self, *words: str) -> None:
        """Past the guards of the tables, while nobody looks."""
        self.portal.kill()
        with closing(sqlite3.connect(self.portal.data / "portal.sqlite3")) as database:
            guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                database.execute(f"DROP TRIGGER {name}")
            for one in words:
                database.execute(one.format(**self.ids, code=self.code, other=self.other))
            for _, text in guards:
                database.execute(text)
            database.commit()
        self.portal.start()

    def with_the_key(self, code: str) -> None:
        """With everything that the portal itself has: its code, its tables, its key."""
        before = "import django\ndjango.setup()\n"
        environ = {**self.portal.environ, "DJANGO_SETTINGS_MODULE": "harness.portal.settings"}
        subprocess.run([sys.executable, "-c", before + code], env=environ, cwd=ROOT, check=True)

    # --- what the gate makes of it ----------------------------------------------------------------------------------

    def told(self, *, anchored: bool = True, pinned: bool = True) -> tuple[str, list[str]]:
        """(why the bundle is not believed, what it says for the role); both verifiers must say the same."""
        headers = {"Authorization": f"Bearer {self.reader}", "Accept": "application/zip", "Host": self.host}
        answer = self.portal.client.get(f"/api/v1/releases/{RELEASE}/bundle?nonce={1:032x}", headers=headers)
        if answer.status_code != 200:
            return f"the portal gives no bundle: {answer.status_code}", []
        key = portal_key(self.portal)
        anchors = anchors_in((self.portal.witness / "checkpoints.txt").read_bytes()) if anchored else ()
        marks = tuple(fingerprint(encoded(one.device.key.cose)) for one in (self.li, self.ana)) if pinned else ()
        theirs = ""
        try:
            offline_verifier.check(answer.content, public_bytes(key), list(anchors), marks)
        except offline_verifier.Wrong as error:
            theirs = str(error)
        try:
            found = check_acceptance(answer.content, (key,), anchors, marks)
        except NotTrusted as error:
            assert theirs, f"one verifier alone names it: {error}"
            return str(error), []
        assert not theirs, f"one verifier alone names it: {theirs}"
        return "", [one.answer.value for one in found.bundle.signoffs if one.role == ROLE]

    @property
    def host(self) -> str:
        return f"localhost:{self.portal.port}"

    def touched(self, browser: Browser | None = None, **wrong: Any) -> Any:
        """Read the page and touch the device."""
        browser = browser or self.li
        page = browser.get(self.where)
        if page.status_code != 200:
            return page
        return browser.post_json(self.where, browser.device.used(browser.given(), **wrong))

    def thief(self) -> Browser:
        """Another browser with Li's cookies, and a device of its own."""
        made = Browser(self.portal.client, self.portal.url)
        made.cookies = dict(self.li.cookies)
        made.device = SoftKey(origin=self.portal.url, rp="localhost")
        return made


# --- the ways ---------------------------------------------------------------------------------------------------------


def a_session_that_was_made_up(scene: Scene) -> None:
    thief = scene.thief()
    thief.cookies = {"session": secrets.token_urlsafe(32)}
    thief.post_json(scene.where, scene.li.device.used({"challenge": "AAAA"}))


def a_token_at_the_page_that_signs(scene: Scene) -> None:
    for token in (scene.office.token, scene.reader):
        headers = {"Authorization": f"Bearer {token}", "Host": scene.host, "Origin": scene.portal.url}
        answer = scene.portal.client.post(scene.where, json=scene.said, headers=headers)
        assert answer.status_code in {302, 401, 403}, answer.status_code


def a_stolen_session_with_another_device(scene: Scene) -> None:
    assert scene.touched(scene.thief()).status_code == 403


def a_stolen_session_and_an_answer_for_signing_in(scene: Scene) -> None:
    thief = scene.thief()
    thief.get(scene.where)
    options = thief.post_json("/sign-in/passkey/options", {}).json()
    assert thief.post_json(scene.where, scene.li.device.used(options)).status_code == 403


def the_answer_that_signed_another_package(scene: Scene) -> None:
    thief = scene.thief()
    thief.get(scene.where)
    assert thief.post_json(scene.where, scene.said).status_code == 403


def the_challenge_of_another_session(scene: Scene) -> None:
    scene.li.get(scene.where)
    options, thief = scene.li.given(), Browser(scene.portal.client, scene.portal.url)
    thief.sign_in("li@example.org", PASSWORD)
    thief.get("/tasks")
    assert thief.post_json(scene.where, scene.li.device.used(options)).status_code == 403


def a_device_that_did_not_check_its_owner(scene: Scene) -> None:
    assert scene.touched(flags=0x01).status_code == 403


def a_page_that_only_looks_like_the_portal(scene: Scene) -> None:
    assert scene.touched(origin="http://localhost.evil.example").status_code == 403


def another_site_that_sends_the_form(scene: Scene) -> None:
    scene.li.get(scene.where)
    said = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    assert scene.li.post_json(scene.where, scene.li.device.used(scene.li.given()), **said).status_code == 403


def the_administrators_own_pages(scene: Scene) -> None:
    scene.ada.get("/people")
    for path in (scene.where, scene.where.replace("/sign", "/check"), "/admin/", "/accounts/login/"):
        assert scene.ada.post(path, decision="accept").status_code in {403, 404}


def a_role_that_an_administrator_gives_and_agrees_to(scene: Scene) -> None:
    scene.ada.get("/people")
    assert scene.ada.post(f"/people/{scene.ids['ada']}/roles", role=ROLE).status_code == 400
    assert scene.ada.post(f"/people/{scene.ids['ana']}/roles", role=ROLE).status_code == 302
    grant = scene.ada.get("/people").text.split('action="/roles/')[1].split("/")[0]
    assert scene.ada.post(f"/roles/{grant}/agree").status_code in {400, 403}


def an_account_that_reads_like_hers(scene: Scene) -> None:
    scene.ada.get("/people")
    for name in ("Signer li", "SIGNER LI", "Signеr li", "Sígner  li"):
        sent = {"name": name, "title": "Head", "email": "twin@example.org", "side": "business"}
        assert scene.ada.post("/people/add", **sent).status_code == 400


def reset(scene: Scene) -> None:
    scene.ada.get("/people")
    assert scene.ada.post(f"/people/{scene.ids['li']}/invite").status_code == 302
    mails = sorted((scene.portal.data / "outbox").glob("*.eml"))
    lines = [line for mail in mails for line in mail.read_text().splitlines()]
    link = next(line for line in reversed(lines) if line.startswith("http") and "/invitation/" in line)
    thief = Browser(scene.portal.client, scene.portal.url)
    thief.join(link, PASSWORD)
    scene.said["thief"] = thief


def a_reset_whose_link_the_administrator_follows(scene: Scene) -> None:
    reset(scene)
    thief = scene.said.pop("thief")
    thief.answer_all(scene.code, ROLE)
    thief.decide(scene.code, ROLE, "accept")
    assert scene.touched(thief).status_code == 403


def a_reset_that_the_tables_forget(scene: Scene) -> None:
    reset(scene)
    thief = scene.said.pop("thief")
    scene.by_sql("UPDATE portal_person SET reset_ms = 0 WHERE id = '{li}'")
    thief.answer_all(scene.code, ROLE)
    thief.decide(scene.code, ROLE, "accept")
    assert scene.touched(thief).status_code == 200, "the tables were believed"


def words_changed_after_they_were_shown(scene: Scene) -> None:
    scene.li.get(scene.where)
    said = scene.li.device.used(scene.li.given())
    scene.by_sql("UPDATE portal_ceremony SET document = replace(CAST(document AS TEXT), 'C-0', 'C-9')")
    assert scene.li.post_json(scene.where, said).status_code in {400, 403, 409, 500}


def answers_changed_after_they_were_shown(scene: Scene) -> None:
    scene.li.get(scene.where)
    said = scene.li.device.used(scene.li.given())
    scene.by_sql("UPDATE portal_answered SET words = 'and everything else'")
    assert scene.li.post_json(scene.where, said).status_code == 409


def a_manifest_changed_in_its_row(scene: Scene) -> None:
    scene.by_sql("UPDATE portal_frozen SET manifest = replace(CAST(manifest AS TEXT), 'price times', 'the sum of')")
    scene.touched()


def somebody_of_it_made_business_in_the_tables(scene: Scene) -> None:
    scene.by_sql(
        "UPDATE portal_person SET side = 'business' WHERE id = '{ed}'",
        "INSERT INTO portal_grant (person_id, role, by, asked_ms, approved_by, since_ms) "
        "VALUES ('{ed}', 'order-desk', 'a', 1, 'b', 1)",
    )
    assert scene.ed.accept(scene.code, ROLE).status_code == 200, "the tables were believed"


def her_passkey_exchanged_in_its_row(scene: Scene) -> None:
    thief = scene.thief()
    key, credential = encoded(thief.device.key.cose), thief.device.credential
    scene.by_sql(
        f"UPDATE portal_passkey SET public_key = '{key}', credential = '{credential}', sign_count = 0 "
        "WHERE person_id = '{li}'"
    )
    assert scene.touched(thief).status_code == 200, "the tables were believed"


def a_row_that_says_signed(scene: Scene) -> None:
    scene.by_sql(
        "INSERT INTO portal_signed (slot_id, round, package_id, person_id, role, decision, statement_sha256, number, "
        "signed_ms, spent_ms) SELECT s.id, 1, s.package_id, '{li}', s.role, 'accept', 'aa', 3, 1, 1 "
        "FROM portal_slot s JOIN portal_frozen f ON f.id = s.package_id WHERE f.code = '{code}' AND role = 'order-desk'"
    )


def an_entry_of_another_package_doubled(scene: Scene) -> None:
    scene.by_sql(
        'INSERT INTO portal_entry SELECT (SELECT max("index") + 1 FROM portal_entry), kind, at_ms, '
        "replace(CAST(body AS TEXT), '{other}', '{code}'), leaf_sha256, countersignature FROM portal_entry "
        "WHERE kind = 'signature'",
        "UPDATE portal_head SET size = size + 1",
    )


def a_clock_that_was_set_back(scene: Scene) -> None:
    scene.by_sql("UPDATE portal_head SET last_ms = last_ms + 7200000")
    assert scene.touched().status_code == 403


def a_deployer_told_late(scene: Scene) -> None:
    act = {"kind": "deployer", "person": "li@example.org", "about": "told late"}
    body, _ = publication(criteria=asked_of_two(), run="run-1", nonce=f"{1:032x}", acts=(act,))
    headers = {"Authorization": f"Bearer {scene.office.token}", "Host": scene.host}
    assert scene.portal.client.post("/api/v1/projects/order-hub/runs", content=body, headers=headers).status_code == 200
    assert scene.touched().status_code == 403


def a_passkey_enrolled_by_the_portals_own_key(scene: Scene) -> None:
    thief = scene.thief()
    key, credential = encoded(thief.device.key.cose), thief.device.credential
    scene.with_the_key(
        "from harness.formats.ledger import entry_of\nfrom harness.model.ledger import Enrolled\n"
        "from harness.portal import log\nfrom harness.portal.models import Passkey\n"
        f"values = dict(credential={credential!r}, public_key={key!r})\n"
        f"Passkey.objects.create(person_id={scene.ids['li']!r}, enrolled_by={scene.ids['li']!r}, label='x', **values)\n"
        "log.append_built(lambda number, at_ms: entry_of(Enrolled(number=number, at_ms=at_ms, "
        f"person={scene.ids['li']!r}, by={scene.ids['li']!r}, **values)))\n"
    )
    assert scene.touched(thief).status_code == 200, "the log was believed"


def rejected(scene: Scene) -> None:
    scene.li.decide(scene.code, ROLE, "reject", "the total is wrong")
    assert scene.touched().status_code == 200


def an_older_database_put_back_over_a_refusal(scene: Scene) -> None:
    rejected(scene)
    assert scene.told() == ("", ["rejected"])
    scene.back(witness=False)
    assert scene.told(anchored=False) == ("", []), "the control: without checkpoints nothing is noticed"


def a_refusal_whose_rows_are_gone(scene: Scene) -> None:
    rejected(scene)
    scene.by_sql("DELETE FROM portal_signed", "UPDATE portal_entry SET kind = 'release' WHERE kind = 'signature'")


def a_withdrawn_acceptance_brought_back(scene: Scene) -> None:
    assert scene.touched().status_code == 200
    page = scene.where.replace("/sign", "/withdraw")
    scene.li.get(page)
    scene.li.post(page, reason="the wrong list")
    assert scene.li.post_json(page, scene.li.device.used(scene.li.given())).status_code == 200
    scene.by_sql("UPDATE portal_signed SET taken_back = NULL", "DELETE FROM portal_entry WHERE kind = 'none'")


Way = Callable[[Scene], None]
REFUSED: tuple[Way, ...] = (
    a_session_that_was_made_up,
    a_token_at_the_page_that_signs,
    a_stolen_session_with_another_device,
    a_stolen_session_and_an_answer_for_signing_in,
    the_answer_that_signed_another_package,
    the_challenge_of_another_session,
    a_device_that_did_not_check_its_owner,
    a_page_that_only_looks_like_the_portal,
    another_site_that_sends_the_form,
    the_administrators_own_pages,
    a_role_that_an_administrator_gives_and_agrees_to,
    an_account_that_reads_like_hers,
)
FROM_THE_START: tuple[Way, ...] = (
    a_reset_whose_link_the_administrator_follows,
    a_reset_that_the_tables_forget,
    words_changed_after_they_were_shown,
    answers_changed_after_they_were_shown,
    a_manifest_changed_in_its_row,
    somebody_of_it_made_business_in_the_tables,
    her_passkey_exchanged_in_its_row,
    a_row_that_says_signed,
    an_entry_of_another_package_doubled,
    a_clock_that_was_set_back,
    a_deployer_told_late,
    a_passkey_enrolled_by_the_portals_own_key,
    an_older_database_put_back_over_a_refusal,
    a_refusal_whose_rows_are_gone,
    a_withdrawn_acceptance_brought_back,
)


def asked_of_two() -> tuple[Any, ...]:
    """What the package asks."""
    return tuple(criterion(f"C-{place}", role) for place, role in enumerate((ROLE, "finance")))


def scene_of(portal: Forked) -> Scene:
    """Everybody joins; Li signed one package and is a touch away from signing the other."""
    office = open_office(portal)
    li, ana = office.signer("li", ROLE), office.signer("ana", "finance")
    ada = joined(portal, portal.add("ada@example.org", "Ada Admin", "Administrator", "it", "admin"))
    ed = joined(portal, portal.add("ed@example.org", "Ed Ops", "Operator", "it"))
    office.quinn.get("/board/tokens")
    made = office.quinn.post("/board/tokens", project="order hub", name="r", scope="read")
    other = office.package((ROLE, "finance"), 2)
    li.answer_all(other, ROLE)
    li.decide(other, ROLE, "accept")
    li.get(f"/packages/{other}/{ROLE}/sign")
    said = li.device.used(li.given())
    assert li.post_json(f"/packages/{other}/{ROLE}/sign", said).status_code == 200
    code = office.package((ROLE, "finance"), 1)
    li.answer_all(code, ROLE)
    assert li.decide(code, ROLE, "accept").status_code == 302
    with closing(sqlite3.connect(f"file:{portal.data / 'portal.sqlite3'}?mode=ro", uri=True)) as database:
        ids = {email.split("@")[0]: key for email, key in database.execute("SELECT email, id FROM portal_person")}
    reader = made.text.split('id="token">')[1].split("<")[0]
    return Scene(
        portal=portal, office=office, li=li, ana=ana, ada=ada, ed=ed, code=code, other=other, reader=reader, said=said,
        ids=ids,
    )  # fmt: skip


def tried(scene: Scene, way: Way) -> tuple[bool, str]:
    """(whether it came to nothing, how)."""
    try:
        way(scene)
        why, answers = scene.told()
        if way is a_passkey_enrolled_by_the_portals_own_key:
            assert scene.told(pinned=False) == ("", ["accepted"]), "the control: without named passkeys it is believed"
    except AssertionError as error:
        return False, f"not as it must be: {error}"
    if why:
        return True, f"named: {why}"
    return ("accepted" not in answers and "conditioned" not in answers), f"refused {answers or ''}".rstrip()


def main() -> int:
    """Each way, how it ended, and `N of N refused or named by the gate`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true", help="the same: it takes seconds")
    parser.parse_args()
    begun, good, rows = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="proof-insiders-") as name, forked(Path(name)) as portal:
        scene = scene_of(portal)
        scene.keep()
        for way in (*REFUSED, *FROM_THE_START):
            if way not in REFUSED:
                scene.back()
            held, how = tried(scene, way)
            good, rows = good + held, rows + 1
            print(f"{'ok ' if held else 'NOT'} {way.__name__.replace('_', ' '):<55} {how[:110]}", flush=True)
        scene.back()
        control = scene.touched().status_code == 200 and scene.told() == ("", ["accepted"])
        print(f"{'ok ' if control else 'NOT'} control: Li herself, the same steps")
    print(f"{good} of {rows} refused or named by the gate, in {time.monotonic() - begun:.0f} s")
    print(f"{good + control} passed, {rows - good + (not control)} failed")
    return int(good < rows or not control)


if __name__ == "__main__":
    sys.exit(main())
