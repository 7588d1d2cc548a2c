"""The tests of doors would notice: each of them fails on a portal with one protection taken out."""

import pytest
from django.middleware.csrf import CsrfViewMiddleware

from harness.portal import asking, sessions, signing_in
from harness.portal.middleware import headers, identity, origins
from harness.portal.models import Person
from tests.portal import test_doors as doors
from tests.portal.test_doors import crowd

__all__ = ["crowd"]  # a fixture of theirs


def test_headers_that_are_not_sent_are_noticed(portal, crowd, monkeypatch):
    monkeypatch.setattr(headers, "headers_for", lambda _: {})
    with pytest.raises(AssertionError):
        doors.test_every_answer_carries_the_headers_errors_and_static_files_included(portal, crowd)


def test_a_portal_that_believes_every_page_is_noticed(portal, crowd, monkeypatch):
    monkeypatch.setattr(origins, "came_from_here", lambda _: True)
    for check, said in (("_origin_verified", True), ("_check_referer", None), ("_check_token", None)):
        monkeypatch.setattr(CsrfViewMiddleware, check, lambda *_, said=said: said)
    for name in ("cross-site", "neither"):
        with pytest.raises(AssertionError):
            doors.test_a_change_that_no_page_of_ours_asked_for_changes_nothing(portal, crowd, name)
    with pytest.raises(AssertionError):
        doors.test_a_form_without_its_own_token_changes_nothing(portal, crowd, "wrong")


def test_a_door_that_is_open_to_all_is_noticed(portal, crowd, monkeypatch):
    monkeypatch.setattr(asking, "may", lambda person, _: person is not None)
    with pytest.raises(AssertionError):
        doors.test_each_lets_in_who_is_written_and_nobody_else(portal, crowd)


def test_a_session_that_outlives_its_end_is_noticed(portal, monkeypatch):
    def forgiving(request):
        return Person.objects.filter(pk=request.session.get("person")).first()

    monkeypatch.setattr(identity, "_person", forgiving)
    with pytest.raises(AssertionError):
        doors.test_a_session_that_is_over_is_over_on_the_server(portal, "switch off", monkeypatch)


def test_a_door_that_may_be_guessed_at_for_ever_is_noticed(portal, monkeypatch):
    monkeypatch.setattr(signing_in, "locked", lambda *_: False)
    with pytest.raises(AssertionError, match="even the right one"):
        doors.test_guessing_is_hopeless_whatever_address_is_claimed_and_the_victim_still_comes_in(portal)


def test_a_session_that_is_kept_in_the_clear_is_noticed(portal, monkeypatch):
    monkeypatch.setattr(sessions.SessionStore, "stored_key", staticmethod(lambda key: key))
    with pytest.raises(AssertionError):
        doors.test_cookies_are_kept_as_hashes_and_never_the_same_twice(portal)
