"""What the portal stands on: settings that are refused, a database that keeps, words in both languages."""

import re
from pathlib import Path

import pytest
from django.db import connection

from harness.portal import conditions, environment
from harness.portal.settings import PORTAL
from harness.portal.words import WORDS

TEMPLATES = Path(conditions.__file__).parent / "templates"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"HARNESS_PORTAL_URL": "http://portal.example"}, "https"),
        ({"HARNESS_PORTAL_URL": "https://portal.example/path"}, "HARNESS_PORTAL_URL"),
        ({"HARNESS_PORTAL_URL": "portal.example"}, "HARNESS_PORTAL_URL"),
        ({"HARNESS_PORTAL_EVIDENCE_URL": "http://localhost:9999"}, "another host"),
        ({"HARNESS_PORTAL_PROXIES": "many"}, "number"),
        ({"HARNESS_PORTAL_PROXIES": "-1"}, "negative"),
    ],
)
def test_settings_that_would_be_unsafe_are_refused(environ, said):
    with pytest.raises(environment.WronglySet, match=said):
        environment.read(environ)


def test_what_needs_no_setting_works_on_this_machine_alone():
    found = environment.read({})
    assert (found.url, found.evidence_url, found.cookie_prefix) == (
        "http://localhost:8085",
        "http://127.0.0.1:8085",
        "",
    )
    assert environment.read({"HARNESS_PORTAL_URL": "https://a.example"}).cookie_prefix == "__Host-"


def test_a_database_that_is_no_postgresql_is_refused():
    with pytest.raises(environment.WronglySet):
        environment.database(environment.read({"HARNESS_PORTAL_DATABASE": "mysql://a/b"}))


def test_as_it_stands_nothing_is_wrong(portal):
    assert conditions.troubles() == ()


@pytest.mark.parametrize(
    ("pragma", "name"),
    [
        ("PRAGMA synchronous = OFF", "synchronous"),
        ("PRAGMA synchronous = NORMAL", "synchronous"),
        ("PRAGMA foreign_keys = OFF", "foreign_keys"),
        ("PRAGMA recursive_triggers = OFF", "recursive_triggers"),
        ("PRAGMA journal_mode = DELETE", "journal_mode"),
    ],
)
def test_a_database_that_might_not_keep_what_it_acknowledged_is_named(portal, pragma, name):
    with connection.cursor() as cursor:
        cursor.execute(pragma)
    try:
        found = conditions.troubles()
        if name == "synchronous" and "NORMAL" in pragma:
            assert found, "NORMAL may lose the last commits when the power goes"
        assert any(name in one for one in found)
    finally:
        connection.close()


def test_open_keys_and_folders_are_named(portal):
    key = PORTAL.data / "portal.key"
    key.chmod(0o644)
    PORTAL.data.chmod(0o755)
    from harness.portal.keys import _read

    _read.cache_clear()
    try:
        assert len([one for one in conditions.troubles() if "chmod" in one]) == 2
    finally:
        key.chmod(0o600)
        PORTAL.data.chmod(0o700)


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("rootfs / ext4 rw 0 0\nserver:/x /srv nfs4 rw 0 0\n", "nfs4"),
        ("rootfs / ext4 rw 0 0\n", "ext4"),
        ("rootfs / ext4 rw 0 0\n//s/x /srv/portal cifs rw 0 0\n", "cifs"),
    ],
)
def test_the_file_system_of_a_folder_is_told(mounts, kind):
    assert conditions.filesystem_of(Path("/srv/portal"), mounts) == kind


def test_every_sentence_is_there_in_both_languages_with_the_same_values():
    for key, (english, chinese) in WORDS.items():
        assert english.strip() and chinese.strip(), key
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", chinese)), key


def test_every_sentence_that_a_page_asks_for_is_there():
    for template in TEMPLATES.glob("*.html"):
        for key in re.findall(r'{% say ["\']([^"\']+)["\']', template.read_text()):
            assert key in WORDS, f"{template.name}: {key}"


def test_no_page_has_words_of_its_own():
    """A page speaks through the words alone; what is left after tags are taken out is names and signs."""
    for template in TEMPLATES.glob("*.html"):
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", " ", template.read_text(), flags=re.DOTALL)
        left = set(re.findall(r"[A-Za-z]{3,}", text)) - {"English", "UTC"}
        assert not left, f"{template.name}: {left}"
