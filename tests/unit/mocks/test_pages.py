"""Who asks: a program of this machine, a page that the mock itself showed, or a page from elsewhere."""

import pytest

from harness.mocks.pages import from_elsewhere

ALLOWED: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"host": "127.0.0.1:8080"}, True),
    ({"host": "[::1]:8080"}, True),
    ({"host": "localhost:8080", "origin": "http://localhost:8080", "sec-fetch-site": "same-origin"}, True),
    ({"host": "10.0.0.7:8080"}, False),
    ({"host": "erp:8080"}, False),
]
REFUSED: list[tuple[dict[str, str], bool]] = [
    ({"host": "localhost:8080", "origin": "http://localhost:3000"}, True),
    ({"host": "localhost:8080", "origin": "https://localhost:8080"}, True),
    ({"host": "localhost:8080", "origin": "null"}, True),
    ({"origin": "http://localhost:8080"}, True),
    ({"host": "localhost:8080", "sec-fetch-site": "cross-site"}, True),
    ({"host": "elsewhere.example"}, True),
    ({"host": "10.0.0.7:8080"}, True),
    ({"host": "elsewhere.example:8080"}, False),
    ({"host": "elsewhere.example:8080", "origin": "http://elsewhere.example:8080"}, False),
    ({"host": "[broken"}, False),
]


@pytest.mark.parametrize(("headers", "loopback"), ALLOWED)
def test_who_asks_by_a_name_of_ours_and_from_no_page_is_answered(headers: dict[str, str], loopback: bool) -> None:
    assert not from_elsewhere(headers.get, loopback=loopback)


@pytest.mark.parametrize(("headers", "loopback"), REFUSED)
def test_a_page_from_elsewhere_is_told_by_its_origin_or_by_the_name_it_uses(
    headers: dict[str, str], loopback: bool
) -> None:
    assert from_elsewhere(headers.get, loopback=loopback)
