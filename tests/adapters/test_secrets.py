"""References to secrets: where they come from, what is refused, and that no sentence shows one."""

import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters import secrets as adapter
from harness.adapters.secrets import Secrets
from harness.errors import AskedWrongly
from harness.model.tier import SecretRef

WHERE = "the auth of `orders`"
CANARY = "s3cr3t-canary"


def env(name: str, default: str | None = None) -> SecretRef:
    return SecretRef(kind="env", at=name, default=default)


def command(code: str) -> SecretRef:
    return SecretRef(kind="command", at="vault read orders", argv=(sys.executable, "-c", code))


def refusal(secrets: Secrets, reference: SecretRef) -> str:
    with pytest.raises(AskedWrongly) as refused:
        secrets.value(reference, where=WHERE)
    said = f"{refused.value} {refused.value.problems[0].hint}"
    assert CANARY not in said
    assert secrets.known() == {}
    return said


def test_a_variable_is_read_and_remembered_so_that_it_can_be_hidden(tmp_path: Path) -> None:
    secrets = Secrets({"TOKEN": CANARY}, tmp_path)
    assert secrets.value(env("TOKEN"), where=WHERE) == CANARY
    assert secrets.known() == {"TOKEN": CANARY}


@pytest.mark.parametrize(("environ", "why"), [({}, "which is not there"), ({"TOKEN": ""}, "which is empty")])
def test_a_missing_or_empty_variable_is_named_with_where_it_is_needed(
    tmp_path: Path, environ: dict[str, str], why: str
) -> None:
    said = refusal(Secrets(environ, tmp_path), env("TOKEN"))
    assert said == f"{WHERE} needs env `TOKEN`, {why} export TOKEN=…"


def test_a_default_in_a_file_is_a_setting_and_not_hidden(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    assert secrets.value(env("TOKEN", default="demo"), where=WHERE) == "demo"
    assert secrets.known() == {}


def written(path: Path, body: bytes, mode: int = 0o600) -> SecretRef:
    path.write_bytes(body)
    path.chmod(mode)
    return SecretRef(kind="file", at=path.name)


def test_a_file_of_ones_own_is_read_without_its_last_line_break(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    assert secrets.value(written(tmp_path / "token", f"{CANARY}\n".encode()), where=WHERE) == CANARY
    assert secrets.known() == {"token": CANARY}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_that_others_may_touch_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    said = refusal(Secrets({}, tmp_path), written(tmp_path / "token", CANARY.encode(), mode))
    assert said == "the secret file token can be read by others chmod 600 token"
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == mode


def test_a_file_that_is_none_is_told_as_such(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    assert "(no such file or directory)" in refusal(secrets, SecretRef(kind="file", at="nowhere"))
    (tmp_path / "folder").mkdir(mode=0o700)
    assert "which is no file" in refusal(secrets, SecretRef(kind="file", at="folder"))
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "which is no file" in refusal(secrets, SecretRef(kind="file", at="pipe"))
    assert "which is no UTF-8 text" in refusal(secrets, written(tmp_path / "raw", b"\xff\xfe" + CANARY.encode()))
    assert "larger than 64 KiB" in refusal(secrets, written(tmp_path / "big", CANARY.encode() * 10_000))
    assert "which is empty" in refusal(secrets, written(tmp_path / "empty", b"\n"))


def test_a_command_is_asked_in_the_workspace_with_the_same_environment(tmp_path: Path) -> None:
    secrets = Secrets({"HALF": CANARY}, tmp_path)
    code = "import os; print(os.environ['HALF'] + os.path.basename(os.getcwd()))"
    assert secrets.value(command(code), where=WHERE) == CANARY + tmp_path.name
    assert secrets.known() == {"vault read orders": CANARY + tmp_path.name}


def test_a_command_that_fails_gives_no_secret_and_shows_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets({}, tmp_path)
    said = refusal(secrets, command(f"import sys; print('{CANARY}'); sys.stderr.write('{CANARY}'); sys.exit(3)"))
    assert (
        said == f"{WHERE} needs command `vault read orders`, which ended with status 3 run by hand: vault read orders"
    )
    missing = SecretRef(kind="command", at="vault", argv=("a-program-that-is-nowhere",))
    assert "which can't be started" in refusal(secrets, missing)
    monkeypatch.setattr(adapter, "_COMMAND_S", 0.3)
    assert "which said nothing within 0.3 s" in refusal(secrets, command("import time; time.sleep(30)"))


def test_a_keyring_is_asked_by_the_systems_own_tool(tmp_path, monkeypatch):
    asked = tmp_path / "asked"
    for tool in ("secret-tool", "security"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "$@" > {asked}\necho {CANARY}\n')
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    secrets = Secrets({**os.environ}, tmp_path)
    assert secrets.value(SecretRef(kind="keyring", at="orders/harness"), where=WHERE) == CANARY
    assert "orders" in asked.read_text()
    assert "harness" in asked.read_text()
    assert secrets.known() == {"orders/harness": CANARY}


def test_a_keyring_that_knows_nothing_or_is_not_there_is_a_reason(tmp_path, monkeypatch):
    for tool in ("secret-tool", "security"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    said = refusal(Secrets({**os.environ}, tmp_path), SecretRef(kind="keyring", at="orders/harness"))
    assert "which ended with status 1" in said


@pytest.mark.parametrize(
    "name", ["API_TOKEN", "DB_PASSWORD", "CLIENT_SECRET", "STRIPE_KEY", "APIKEY", "GIT_CREDENTIALS", "hub-passwd"]
)
def test_what_takes_the_place_of_a_default_is_hidden_where_its_name_says_so(tmp_path: Path, name: str) -> None:
    secrets = Secrets({name: CANARY}, tmp_path)
    assert secrets.value(env(name, default="demo"), where=WHERE) == CANARY
    assert secrets.known() == {name: CANARY}


@pytest.mark.parametrize("name", ["SAMPLE_FAULTS", "HUB_URL", "MONKEY_COUNT", "PASSENGERS", "AUTHORS"])
def test_a_setting_stays_readable_whatever_takes_the_place_of_its_default(tmp_path: Path, name: str) -> None:
    secrets = Secrets({name: "slow"}, tmp_path)
    assert secrets.value(env(name, default=""), where=WHERE) == "slow"
    assert secrets.known() == {}


def test_a_default_said_again_by_the_environment_is_no_secret(tmp_path: Path) -> None:
    secrets = Secrets({"API_TOKEN": "demo"}, tmp_path)
    assert secrets.value(env("API_TOKEN", default="demo"), where=WHERE) == "demo"
    assert secrets.known() == {}


def test_what_a_keeper_of_secrets_tells_is_hidden_whatever_it_is_called(tmp_path: Path) -> None:
    secrets = Secrets({}, tmp_path)
    told = replace(command(f"print({CANARY!r})"), default="demo")
    assert secrets.value(told, where=WHERE) == CANARY
    assert secrets.known() == {"vault read orders": CANARY}
