"""A portal with people, a project and a package, made the way people would make them."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.db import connection

from harness.portal import people, terminal
from harness.portal.api.tokens import make_token
from harness.portal.models import ApiToken, Frozen, Grant, Person, Project
from harness.portal.wsgi import application
from tests.portal.browser import Browser
from tests.portal.publication import RELEASE, TIER, publication

URL = "https://portal.test"
PASSWORD = "tulip-anvil-forty-two"
_TABLES = (
    "latehand hand met signed draft answered picked slot frozen evidence published apitoken project audit attempt "
    "ceremony session invitation grant passkey entry head person"
)


@dataclass
class Portal:
    """What a test has at hand. `client` reaches the application without a network."""

    root: Path
    client: httpx.Client = field(init=False)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        transport = httpx.WSGITransport(app=application(), raise_app_exceptions=False, remote_addr="127.0.0.1")
        self.client = httpx.Client(transport=transport, base_url=URL)

    def empty(self) -> None:
        """Take everything out again, past the guards of the tables: only a test may."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute("PRAGMA foreign_keys = OFF")
            for table in _TABLES.split():
                cursor.execute(f"DELETE FROM portal_{table}")
            cursor.execute("PRAGMA foreign_keys = ON")
            for _, sql in triggers:
                cursor.execute(sql)
        for name in ("evidence", "outbox"):
            shutil.rmtree(self.root / "data" / name, ignore_errors=True)
        for one in (self.root / "witness").iterdir():
            one.unlink()
        self.client.close()

    def browser(self) -> Browser:
        return Browser(self.client, URL)

    def person(self, name: str, side: str, *roles: str, joined: bool = True) -> Browser:
        """Somebody with these roles; a business role is agreed to by an auditor."""
        office = tuple(role for role in roles if role in {"admin", "qa", "auditor", "release-manager"})
        email = f"{name.split()[0].lower()}@example.org"
        link = terminal.add_person(email, name, f"Head of {roles[0] if roles else 'desk'}", side, office, user="root")
        person = Person.objects.get(email=email)
        for grant in Grant.objects.filter(person=person, since_ms=None):
            people.approve_grant(grant, by="auditor-1")
        for role in set(roles) - set(office):
            people.approve_grant(people.ask_grant(person, role, by="admin-1"), by="auditor-1")
        browser = self.browser()
        if joined:
            browser.join(link, PASSWORD)
        self.browsers[name] = browser
        return browser

    def who(self, name: str) -> Person:
        return Person.objects.get(email=f"{name.split()[0].lower()}@example.org")

    def token(self, scope: str, slug: str = "order-hub", by: str = "qa-1") -> str:
        project, _ = Project.objects.get_or_create(slug=slug, defaults={"name": "order hub"})
        return make_token(project, scope, scope, by=by)

    def publish(self, token: str | None = None, **more: object) -> httpx.Response:
        """Bring a run and its evidence, as a machine would."""
        body, files = publication(**more)
        headers = {"Authorization": f"Bearer {token or self.token('publish')}", "Host": "portal.test"}
        answer = self.client.post("/api/v1/projects/order-hub/runs", content=body, headers=headers)
        for sha in answer.json().get("missing", ()):
            kept = self.client.put(f"/api/v1/evidence/{sha}", content=files[sha], headers=headers)
            assert kept.status_code in {200, 201}, kept.text
        return answer

    def freeze(self, qa: Browser, **more: str) -> str:
        """QA freezes what was brought; gives the code."""
        where = f"/board/order-hub/{RELEASE}/{TIER}"
        page = qa.get(where)
        assert page.status_code == 200, page.text
        run = page.text.split('name="run" value="')[1].split('"')[0]
        sent = {
            "run": run,
            "phase": "1",
            "goal_en": "Orders and invoices in phase 1",
            "goal_zh": "第一阶段的订单和发票",
            "due": "2030-01-10",
            "expires": "2030-02-10",
            **more,
        }
        answer = qa.post(where, **sent)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].rsplit("/", 1)[1]

    def ready(self) -> tuple[Browser, Browser, str]:
        """Two signers and a frozen package."""
        li = self.person("Li Wei", "business", "order-desk")
        ana = self.person("Ana Ruiz", "business", "finance")
        qa = self.person("Quinn Asare", "qa", "qa")
        self.publish()
        return li, ana, self.freeze(qa)

    @staticmethod
    def package(code: str) -> Frozen:
        return Frozen.objects.get(code=code)

    @staticmethod
    def text_of(value: object) -> str:
        return json.dumps(value)


__all__ = ["ApiToken", "Grant", "Portal"]
