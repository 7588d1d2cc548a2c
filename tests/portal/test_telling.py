"""What the log tells of people is read once and kept; another log in its place is read anew."""

from harness.portal.models import Entry
from harness.portal.telling import keys_of, roles_held
from tests.portal.test_exported import behind_the_guards


def test_an_entry_that_is_changed_after_it_was_read_is_not_followed_and_a_new_one_is(portal):
    li = portal.person("Li Wei", "business", "order-desk")
    who = portal.who("Li Wei").id
    assert keys_of(who) == {li.device.credential}
    behind_the_guards("UPDATE portal_entry SET body = x'7b7d' WHERE kind = 'credential'")
    assert keys_of(who) == {li.device.credential}
    ana = portal.person("Ana Ruiz", "business", "finance")
    assert keys_of(portal.who("Ana Ruiz").id) == {ana.device.credential}
    assert {"order-desk", "finance"} <= roles_held()


def test_another_log_in_its_place_is_read_anew(portal):
    portal.person("Li Wei", "business", "order-desk")
    who, size = portal.who("Li Wei").id, Entry.objects.count()
    assert keys_of(who)
    portal.empty()
    portal.__post_init__()
    portal.person("Ana Ruiz", "business", "finance")
    assert Entry.objects.count() == size, "as long as the one before"
    assert keys_of(who) == frozenset() and roles_held() == {"finance"}
