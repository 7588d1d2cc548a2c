"""Lists ask the database as often for many packages as for few, show a page of them, and lead to all."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from harness.portal.models import Frozen
from harness.portal.standings import stands_of, state_of
from tests.portal.browser import Browser, SoftKey
from tests.portal.filling import enrol, fill

FEW, MANY = 2, 13
PAGES = {"signer": ("/tasks", "/improvements"), "quinn": ("/board", "/audit", "/improvements")}
LISTS = (
    ("signer", "/tasks", "/packages/", "before"),
    ("quinn", "/board", "/packages/", "page"),
    ("quinn", "/audit", "/audit/packages/", "packages"),
)


def asked(work) -> int:
    """How often the database is asked."""
    with CaptureQueriesContext(connection) as found:
        work()
    return len(found)


def used(portal, packages: int) -> dict[str, Browser]:
    """So many packages, and a signer and QA who are signed in."""
    crowd, qa = fill(packages, 4, 2)
    enrol(qa, key := SoftKey())
    found = {}
    for name, device in (("signer", crowd[0].device), ("quinn", key)):
        browser = portal.browser()
        browser.device, browser.device.count = device, 100
        browser.get("/sign-in")
        options = browser.post_json("/sign-in/passkey/options", {}).json()
        assert browser.post_json("/sign-in/passkey", device.used(options)).status_code == 200
        found[name] = browser
    return found


def counted(portal, packages: int) -> dict[tuple[str, str], int]:
    people = used(portal, packages)
    wanted = [(name, page) for name, pages in PAGES.items() for page in pages]
    for name, page in wanted:
        assert people[name].get(page).status_code == 200
    return {(name, page): asked(lambda: people[name].get(page)) for name, page in wanted}  # noqa: B023


def test_a_list_of_many_packages_takes_no_more_questions_than_a_list_of_few(portal):
    few = counted(portal, FEW)
    portal.empty()
    portal.__post_init__()
    many = counted(portal, MANY)
    assert many == few
    rows = list(Frozen.objects.all())
    assert asked(lambda: stands_of(rows[:10])) == asked(lambda: stands_of(rows[:2]))
    one_by_one = lambda rows: asked(lambda: [state_of(row) for row in rows])  # noqa: E731
    assert one_by_one(rows[:10]) > one_by_one(rows[:2]), "the control: asked one by one, it grows"


def listed(browser: Browser, page: str, links: str, query: str) -> list[set[str]]:
    """The packages that each page of a list leads to, from the first to the last."""
    seen, places = [], [page]
    for place in places:
        text = browser.get(place).text
        seen.append(set(re.findall(rf'href="{links}([\w-]+)', text)))
        places += re.findall(rf'href="({page}\?{query}=\d+)"', text)
    return seen


def test_what_is_not_on_the_first_page_is_on_a_later_one_and_what_is_overdue_is_on_the_first(portal):
    people, every = used(portal, MANY), set(Frozen.objects.values_list("code", flat=True))
    for name, page, links, query in LISTS:
        seen = listed(people[name], page, links, query)
        assert len(seen) > 1 and all(len(one) < MANY for one in seen), page
        assert set().union(*seen) == every, page
    oldest = Frozen.objects.order_by("pk").first()
    assert f"/packages/{oldest.code}" not in people["quinn"].get("/board").text, "the control"
    Frozen.objects.filter(pk=oldest.pk).update(due_ms=1)
    assert people["quinn"].get("/board").text.split("/packages/")[1].startswith(oldest.code)


def test_no_number_breaks_a_list(portal):
    qa = portal.person("Quinn Asare", "qa", "qa", "auditor")
    for page in ("/tasks", "/board", "/audit", "/improvements"):
        for query in ("before=²", "before=-1", "page=²", "page=99999", "packages=x", "packages=99999999"):
            assert qa.get(f"{page}?{query}").status_code == 200, (page, query)
