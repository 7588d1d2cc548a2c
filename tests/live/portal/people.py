"""Many signers without a browser window: the same pages and the same device of software, over real connections."""

from dataclasses import dataclass

from tests.live.portal.serving import Serving
from tests.portal.browser import Browser
from tests.portal.publication import RELEASE, TIER, criterion, publication

PASSWORD = "tulip-anvil-forty-two"


@dataclass
class Office:
    """A portal with QA in it, and as many signers as are wanted."""

    portal: Serving
    quinn: Browser
    token: str

    def package(self, roles: tuple[str, ...], number: int, **more: str | list[str]) -> str:
        """A frozen package that asks these roles one thing each; `more` is what QA fills in beside the usual."""
        criteria = tuple(criterion(f"C-{place}", role) for place, role in enumerate(roles))
        body, files = publication(criteria=criteria, run=f"run-{number}", nonce=f"{number:032x}")
        headers = {"Authorization": f"Bearer {self.token}", "Host": f"localhost:{self.portal.port}"}
        client = self.portal.client
        answer = client.post("/api/v1/projects/order-hub/runs", content=body, headers=headers)
        for sha in answer.json()["missing"]:
            assert client.put(f"/api/v1/evidence/{sha}", content=files[sha], headers=headers).status_code == 201
        where = f"/board/order-hub/{RELEASE}/{TIER}"
        page = self.quinn.get(where)
        run = page.text.split('name="run" value="')[1].split('"')[0]
        sent = {"run": run, "phase": "1", "goal_en": "Orders", "goal_zh": "订单", "due": "2030-01-10"}
        answer = self.quinn.post(where, **sent, expires="2030-02-10", **more)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"].rsplit("/", 1)[1]

    def walks(self, code: str, links: int) -> None:
        """Somebody waits with a walkthrough of the first criterion."""
        self.quinn.get("/board/tokens")
        page = self.quinn.post("/board/tokens", project="order hub", name="w", scope="walk").text
        token = page.split('id="token">')[1].split("<")[0]
        headers = {"Authorization": f"Bearer {token}", "Host": f"localhost:{self.portal.port}"}
        offered = {"criteria": ["C-0"], "links": [f"http://127.0.0.1:4711/walk#{one}" for one in range(links)]}
        answer = self.portal.client.put(f"/api/v1/packages/{code}/walks", json=offered, headers=headers)
        assert answer.status_code == 201, answer.text

    def signer(self, name: str, role: str) -> Browser:
        """Somebody of the business who holds a role that QA agreed to."""
        email = f"{name}@example.org"
        link = self.portal.add(email, f"Signer {name}", "Head", "business", role)
        browser = joined(self.portal, link)
        page = self.quinn.get("/people")
        for grant in {one.split("/")[0] for one in page.text.split('action="/roles/')[1:] if "/agree" in one[:20]}:
            self.quinn.post(f"/roles/{grant}/agree")
        return browser


def open_office(portal: Serving) -> Office:
    """QA joins and makes a token."""
    link = portal.add("quinn@example.org", "Quinn Asare", "Head of testing", "qa", "qa")
    quinn = joined(portal, link)
    quinn.get("/board/tokens")
    page = quinn.post("/board/tokens", project="order hub", name="t", scope="publish")
    return Office(portal=portal, quinn=quinn, token=page.text.split('id="token">')[1].split("<")[0])


def joined(portal: Serving, link: str) -> Browser:
    browser = Browser(portal.client, portal.url)
    browser.join(link, PASSWORD)
    return browser
