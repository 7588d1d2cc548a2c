"""Customers: created, found again, and never overwritten unseen."""

from tests.sample.conftest import Desk

NEW = {"name": "Tea House", "email": "a@b.example"}


def test_a_new_customer_can_be_read_where_location_says(desk: Desk) -> None:
    made = desk.customer("Tea House", phone="+4930123456")
    read = desk.ask("GET", made.headers["location"])
    assert (made.status_code, read.status_code) == (201, 200)
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"]
    assert read.json()["phone"] == "+4930123456"


def test_a_customer_is_found_by_part_of_the_name_in_any_case(desk: Desk) -> None:
    desk.customer("Grand Hotel")
    found = desk.ask("GET", "/customers", params={"q": "hOTEL"})
    assert [one["name"] for one in found.json()["items"]] == ["Grand Hotel"]
    assert found.headers["x-total-count"] == "1"


def test_pages_together_show_every_customer_once(desk: Desk) -> None:
    for number in range(5):
        desk.customer(f"Customer {number}")
    pages = [desk.ask("GET", "/customers", params={"page": page, "limit": 2}).json() for page in (1, 2, 3, 4)]
    ids = [one["id"] for page in pages for one in page["items"]]
    assert len(ids) == len(set(ids)) == pages[0]["total"] == 6
    assert pages[3]["items"] == []


def test_the_second_of_two_changes_from_the_same_version_is_refused(desk: Desk) -> None:
    made = desk.customer()
    path, tag = made.headers["location"], made.headers["etag"]
    first = desk.ask("PUT", path, json={**NEW, "name": "First"}, headers={"If-Match": tag})
    second = desk.ask("PUT", path, json={**NEW, "name": "Second"}, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.headers["etag"] == first.headers["etag"] != tag
    assert desk.ask("GET", path).json()["name"] == "First"


def test_a_tag_that_the_customer_never_had_is_a_conflict(desk: Desk) -> None:
    path = desk.customer().headers["location"]
    for tag in ('"1-00000000"', '"7-ffffffff"'):
        assert desk.ask("PUT", path, json=NEW, headers={"If-Match": tag}).status_code == 409


def test_a_star_replaces_whatever_is_there(desk: Desk) -> None:
    path = desk.customer().headers["location"]
    assert desk.ask("PUT", path, json=NEW, headers={"If-Match": "*"}).json()["version"] == 2


def test_without_if_match_nothing_is_replaced(desk: Desk) -> None:
    path = desk.customer().headers["location"]
    assert desk.ask("PUT", path, json=NEW).status_code == 400


def test_tenants_do_not_see_each_other(desk: Desk) -> None:
    path = desk.customer("Only in the sandbox").headers["location"]
    assert desk.ask("GET", path, who="crm").status_code == 404
    assert desk.ask("GET", "/customers", who="crm", params={"q": "sandbox"}).json()["total"] == 0
