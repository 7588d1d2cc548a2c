"""`harness uat walk --portal`: while it goes on the portal offers it to who is asked, and not a moment longer."""

import re
from pathlib import Path

import pytest

from harness.actions import walking
from harness.cli import main
from harness.errors import CouldNotTell
from tests.live.portal.people import open_office
from tests.live.portal.serving import served

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
WORDS = ("uat", "walk", "C-0", "--tier", "preprod")
LINK = "http://127.0.0.1:4711/walk#"


def test_a_walkthrough_is_offered_while_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path / "portal") as portal:
        office = open_office(portal)
        li = office.signer("li", "order-desk")
        code = office.package(("order-desk",), 1)
        here = f"/packages/{code}/order-desk"
        office.quinn.get("/board/tokens")
        page = office.quinn.post("/board/tokens", project="order hub", name="w", scope="walk").text
        seen = []

        def goes_on(*_: object, opened: object, **__: object) -> None:
            made = iter(range(100))
            opened(lambda: f"{LINK}{next(made)}")  # type: ignore[operator]
            seen.append("Try it with us" in li.get(f"{here}/try/C-0").text)
            seen.append(re.findall(r'href="(http://127[^"]+)"', li.post(f"{here}/walk/C-0").text))
            raise CouldNotTell("the person went home")

        monkeypatch.setattr(walking, "walk", goes_on)
        monkeypatch.setenv("HARNESS_PORTAL_TOKEN", page.split('id="token">')[1].split("<")[0])
        (tmp_path / "environments").mkdir()
        monkeypatch.chdir(tmp_path)
        assert main([*WORDS, "--portal", portal.url, "--package", code]) == 3
        assert seen[0] is True
        ((given,),) = seen[1:]
        assert re.fullmatch(r"http://127\.0\.0\.1:4711/walk\?by=[\w+%.-]+#\d", given), "it says who took it"
        assert "Try it with us" not in li.get(f"{here}/try/C-0").text
        assert main([*WORDS, "--portal", portal.url, "--package", "NONE-NONE"]) == 2
        assert main([*WORDS, "--package", code]) == 2, "no portal is named"
        monkeypatch.setenv("HARNESS_PORTAL_TOKEN", office.token)
        assert main([*WORDS, "--portal", portal.url, "--package", code]) == 2, "that token is to publish"
