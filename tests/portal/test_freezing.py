"""What QA chooses when a package is frozen is what people are asked, told and held to."""

import html

import pytest

from harness.model.acceptance import Package
from harness.portal.packages import package_of
from harness.portal.words import say
from tests.portal.publication import criterion

ROLES = ("order-desk", "finance")


def _frozen(portal, **more) -> tuple:
    """Somebody who holds both roles, QA, and the answer to freezing."""
    li = portal.person("Li Wei", "business", *ROLES)
    quinn = portal.person("Quinn Asare", "qa", "qa")
    portal.publish()
    return li, portal.freeze(quinn, **more)


def _manifest(portal, code: str) -> Package:
    return package_of(portal.package(code))


def test_roles_that_are_kept_apart_are_not_signed_by_one_person(portal):
    li, code = _frozen(portal, apart=list(ROLES))
    assert _manifest(portal, code).apart == (("finance", "order-desk"),)
    assert li.accept(code, "order-desk").status_code == 200
    second = li.accept(code, "finance")
    assert (second.status_code, second.json()["code"]) == (403, "refused.apart")
    page = html.unescape(li.get(f"/packages/{code}/finance/sign").text)
    assert say("en", "refused.apart") in page, "told before a finger is lifted"
    ana = portal.person("Ana Ruiz", "business", "finance")
    assert ana.accept(code, "finance").status_code == 200


def test_roles_that_are_not_kept_apart_may_be_signed_by_one_person(portal):
    li, code = _frozen(portal)
    assert _manifest(portal, code).apart == ()
    for role in ROLES:
        assert li.accept(code, role).status_code == 200


def test_people_see_who_is_kept_apart_and_where_they_can_try_it(portal):
    li, code = _frozen(portal, apart=list(ROLES), try_at="https://orders.preprod.example/start?as=me")
    assert "nobody signs for two of them: finance, order-desk" in li.get(f"/packages/{code}").text
    page = li.get(f"/packages/{code}/order-desk/try/ORD-1").text
    assert 'href="https://orders.preprod.example/start?as=me" target="_blank" rel="noopener noreferrer"' in page
    assert "Open orders.preprod.example" in page
    assert _manifest(portal, code).try_at == "https://orders.preprod.example/start?as=me"


def test_where_no_address_is_told_none_is_offered(portal):
    li, code = _frozen(portal)
    page = li.get(f"/packages/{code}/order-desk/try/ORD-1").text
    assert "By yourself" not in page
    assert 'href="#seen"' in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"apart": ["finance"]}, "mark two or more"),
        ({"try_at": "javascript:alert(1)"}, "must read https"),
        ({"try_at": "data:text/html,x"}, "must read https"),
        ({"try_at": "https://user:secret@orders.example"}, "must read https"),
        ({"try_at": "//orders.example"}, "must read https"),
        ({"try_at": "https://"}, "must read https"),
        ({"try_at": 'https://orders.example/"onclick="x'}, "must read https"),
    ],
)
def test_what_can_not_be_meant_freezes_nothing(portal, sent, said):
    with pytest.raises(AssertionError, match=said):
        _frozen(portal, **sent)


def test_roles_of_every_run_that_may_be_chosen_are_offered(portal):
    quinn = portal.person("Quinn Asare", "qa", "qa")
    portal.publish(criteria=(criterion("ORD-1", "order-desk"),), run="older")
    portal.publish(criteria=(criterion("ORD-1", "finance"),), run="newer")
    page = quinn.get("/board/order-hub/2.4.1/preprod").text
    for role in ROLES:
        assert f'name="apart" value="{role}"' in page
        assert f'name="least:{role}"' in page
