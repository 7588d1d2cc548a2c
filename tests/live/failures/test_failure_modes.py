"""Whatever goes wrong around a run: a reason, its place, the way out, the right exit status, nothing left behind.

Each has its control: the same workspace without the trouble passes.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

TIER = "environments/test.toml"
CONTRACT = "contracts/shop.openapi.yaml"
STARTED = '{port}"'


def with_load(shop: Any) -> None:
    shop.edit(TIER, 'suites = ["contract"]', 'suites = ["load"]')


def at(shop: Any, url: str) -> None:
    """The shop is somebody else's: an address, and nothing to start."""
    text = (shop.root / TIER).read_text()
    before, _, after = text.partition("[systems.shop.start]")
    before = before.replace("http://127.0.0.1:{port}", url)
    (shop.root / TIER).write_text(before + "[policy]" + after.partition("[policy]")[2])


@contextlib.contextmanager
def open_shop(shop: Any, port: int, fault: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """The shop, started by somebody else."""
    argv = ["python", "server.py", "--port", str(port)]
    with subprocess.Popen(argv, cwd=shop.root, env={"PATH": os.environ["PATH"], "FAULT": fault}) as process:
        try:
            yield process
        finally:
            process.kill()


def test_without_trouble_the_shop_passes(shop: Any) -> None:
    said = shop.run()
    assert said.exit == 0, said.all
    assert "PASS   4 checks" in said.out
    assert len(shop.runs()) == 1
    assert shop.drafts() == []


def test_a_system_killed_in_mid_run_is_undecided_and_its_log_is_named(shop: Any, clear: Any) -> None:
    said = shop.run(FAULT="dies")
    clear(said)
    assert said.exit == 3
    assert "`shop` stopped answering in mid-run (its process ended with status 1)" in said.all
    assert "see its log under jobs/shop in the run directory" in said.all


def test_a_system_of_somebody_else_killed_in_mid_run_is_undecided(shop: Any, clear: Any, silent_port: int) -> None:
    at(shop, f"http://127.0.0.1:{silent_port}")
    with open_shop(shop, silent_port, fault="dies"):
        said = shop.run()
    clear(said)
    assert said.exit == 3
    assert "`shop` stopped answering in mid-run" in said.all


def test_a_system_of_somebody_else_that_lives_passes(shop: Any, silent_port: int) -> None:
    at(shop, f"http://127.0.0.1:{silent_port}")
    with open_shop(shop, silent_port):
        said = shop.run()
    assert said.exit == 0, said.all


@pytest.mark.parametrize("suite", ["contract", "load"])
def test_an_address_where_nobody_is_names_the_line_to_correct(
    shop: Any, clear: Any, silent_port: int, suite: str
) -> None:
    shop.edit(TIER, 'suites = ["contract"]', f'suites = ["{suite}"]')
    at(shop, f"http://127.0.0.1:{silent_port}")
    said = shop.run()
    clear(said)
    assert said.exit == 3
    assert f"`shop` did not answer at http://127.0.0.1:{silent_port} (connection refused)" in said.all
    assert "start it or correct `base-url` in environments/test.toml" in said.all


def test_a_host_name_that_nobody_knows_is_told_as_such(shop: Any, clear: Any) -> None:
    at(shop, "http://shop.invalid")
    said = shop.run()
    clear(said)
    assert said.exit == 3
    assert "(the name is not known)" in said.all


EMPTY = {
    "": "contracts/shop.openapi.yaml is empty",
    'openapi: 3.0.3\ninfo: {title: x, version: "1"}\npaths: {}\n': "describes no operation: its `paths` is empty",
    "<!doctype html><title>login</title>": "contracts/shop.openapi.yaml",
}


@pytest.mark.parametrize("document", EMPTY)
@pytest.mark.parametrize("verb", [("run", "test"), ("check",)])
def test_a_contract_that_promises_nothing_is_asked_wrongly(
    shop: Any, clear: Any, document: str, verb: tuple[str, ...]
) -> None:
    (shop.root / CONTRACT).write_text(document)
    said = shop.ask(*verb)
    clear(said)
    assert said.exit == 2
    assert EMPTY[document] in said.all
    assert "hint:" in said.err
    assert shop.runs() == shop.drafts() == []


def test_a_ref_that_leads_nowhere_is_asked_wrongly_with_its_line(shop: Any, clear: Any) -> None:
    shop.edit(
        CONTRACT,
        'schema: {$ref: "#/components/schemas/Item"}}}\n      responses',
        'schema: {$ref: "#/components/schemas/Itme"}}}\n      responses',
    )
    said = shop.run()
    clear(said)
    assert said.exit == 2
    line = 1 + (shop.root / CONTRACT).read_text().partition("Itme")[0].count("\n")
    assert "#/components/schemas/Itme" in said.err
    assert f"contracts/shop.openapi.yaml:{line}" in said.err
    assert shop.runs() == shop.drafts() == []


def test_a_port_in_use_is_named_with_the_way_out(shop: Any, clear: Any, taken_port: int) -> None:
    shop.edit(TIER, STARTED, f'{taken_port}"')
    said = shop.run()
    clear(said)
    assert said.exit == 3
    assert f"port {taken_port} is already in use" in said.all
    assert "write {port} in `base-url` of `shop` for a free one" in said.all


def test_a_fixed_port_that_is_free_passes(shop: Any, silent_port: int) -> None:
    shop.edit(TIER, STARTED, f'{silent_port}"')
    said = shop.run()
    assert said.exit == 0, said.all


def test_401_to_everything_proves_nothing_and_says_what_is_missing(shop: Any, clear: Any) -> None:
    said = shop.run(FAULT="locked")
    clear(said)
    assert said.exit == 3
    assert "was called and never accepted: it only answered 401" in said.all
    assert "check the credentials and test data of the tier" in said.all
    assert "the credentials of `shop` are missing or not good" in said.all


def test_a_system_that_cannot_be_started_says_why(shop: Any, clear: Any) -> None:
    shop.edit("server.py", "import json", "import jsonn")
    said = shop.run()
    clear(said)
    assert said.exit == 3
    assert "`shop` could not be started" in said.all
    assert "jsonn" in said.all


@pytest.mark.parametrize(
    ("old", "new", "sentence", "place"),
    [
        ("def items(self):", "def items(self:", "'(' was never closed", "load/browse.py:{line}"),
        ("class Browse", "class Brows", "there is no user class `Browse`", "load/browse.py"),
        ("from locust import", "from locusts import", "locusts", "load/browse.py:{line}"),
    ],
)
def test_a_load_script_that_cannot_be_used_is_told_with_file_and_line(
    shop: Any, clear: Any, old: str, new: str, sentence: str, place: str
) -> None:
    with_load(shop)
    shop.edit("load/browse.py", old, new)
    said = shop.run()
    clear(said)
    assert said.exit in {2, 3}
    assert sentence in said.all
    line = 1 + (shop.root / "load/browse.py").read_text().partition(new)[0].count("\n")
    assert place.format(line=line) in said.all


def test_a_load_script_that_can_be_used_passes(shop: Any) -> None:
    with_load(shop)
    said = shop.run()
    assert said.exit == 0, said.all


def test_two_runs_at_once_in_one_workspace_do_not_mix(shop: Any) -> None:
    both = [shop.begin("run", "test", "--no-report") for _ in range(2)]
    ended = [process.communicate(timeout=180) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert len(shop.runs()) == 2
    assert shop.drafts() == []


@pytest.mark.parametrize(("put_back", "status"), [(False, 3), (True, 3), (None, 0)], ids=["edited", "put back", "read"])
def test_a_script_that_is_edited_in_mid_run_proves_nothing_also_where_it_is_put_back(
    shop: Any, put_back: bool | None, status: int
) -> None:
    with_load(shop)
    script = shop.root / "load" / "browse.py"
    was = script.read_bytes()
    process = shop.begin("run", "test", "--no-report")
    wait_for(lambda: list((shop.root / ".harness/drafts").glob("*/plan.json")), process)
    if put_back is not None:
        script.write_bytes(was + b"# easier\n")
    if put_back:
        script.write_bytes(was)
    out, err = process.communicate(timeout=180)
    assert process.returncode == status, (out, err)
    assert ("load/browse.py was changed while the run went on" in out) is (status == 3)


def wait_for(there: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    """Until it is there; a process that ended before is a failure."""
    while not there():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def test_a_secret_that_is_not_there_is_asked_wrongly_and_named(shop: Any, clear: Any) -> None:
    shop.edit(
        TIER,
        "[systems.shop.start]",
        '[systems.shop.auth]\nkind = "bearer"\ntoken = { env = "SHOP_TOKEN" }\n[systems.shop.start]',
    )
    said = shop.run()
    clear(said)
    assert said.exit == 2
    assert "SHOP_TOKEN" in said.err
    assert shop.run(SHOP_TOKEN="there-now-12345").exit == 0


def begun(shop: Any) -> "subprocess.Popen[str]":
    """A run whose engine is at work."""
    process: subprocess.Popen[str] = shop.begin("run", "test", "--no-report")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("contract:shop   started"):
            return process
    pytest.fail("the job never started")


def test_ctrl_c_keeps_what_was_seen_and_leaves_nothing_running(shop: Any) -> None:
    process = begun(shop)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "UNDECIDED" in out
    assert "the run was interrupted" in " ".join(out.split())
    assert "Traceback" not in out + err
    assert len(shop.runs()) == 1


def test_a_killed_run_is_never_a_run_and_the_next_one_clears_up(shop: Any) -> None:
    process = begun(shop)
    process.kill()
    process.communicate(timeout=60)
    assert shop.runs() == []
    assert len(shop.drafts()) == 1
    shown = shop.ask("runs")
    assert "not closed" in shown.out
    said = shop.run()
    assert said.exit == 0, said.all
    assert len(shop.runs()) == 1
    assert shop.left_behind() == []


def on_a_small_disk(shop: Any, *steps: str) -> str:
    """Shell steps in the workspace on a disk of 64 MB that only they see; gives all they say."""
    kept = shop.root.with_name("kept")
    shop.root.rename(kept)
    shop.root.mkdir()
    run = f"{sys.executable} -m harness run test --no-report; echo exit=$?"
    mount = f"mount -t tmpfs -o size=64m tmpfs {shop.root} && cp -r {kept}/. {shop.root} && cd {shop.root}"
    script = "; ".join((mount, *(run if step == "run" else step for step in steps)))
    who = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    kept_environment = {key: value for key, value in os.environ.items() if not key.startswith("HARNESS_")}
    ended = subprocess.run(
        ["unshare", *who, "--mount", "sh", "-c", script],
        env=kept_environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
    )
    assert "Traceback" not in ended.stdout
    return " ".join(ended.stdout.split())


FILL = "cat /dev/zero > ballast 2>&1"


@pytest.mark.needs("namespaces")
def test_a_disk_that_is_full_from_the_start_is_told_before_anything_starts(shop: Any) -> None:
    said = on_a_small_disk(shop, FILL, "run", "ls .harness/runs", "rm ballast", "run")
    full, _, roomy = said.partition("exit=3")
    assert "no space left" in full
    assert "make room" in full
    assert "PASS" not in full
    assert "PASS 4 checks" in roomy
    assert roomy.endswith("exit=0")


@pytest.mark.needs("namespaces")
def test_a_disk_that_fills_up_in_mid_run_is_never_a_pass(shop: Any) -> None:
    said = on_a_small_disk(shop, "export FAULT=fills-the-disk", "run", "rm ballast", "unset FAULT", "run")
    full, _, roomy = said.partition("exit=3")
    assert "started, 4 checks" in full
    assert "no space left" in full
    assert "PASS" not in full
    assert roomy.endswith("exit=0")


@pytest.mark.needs("browser")
def test_without_a_browser_a_demonstration_is_undecided_and_the_way_to_one_is_named(shop: Any, clear: Any) -> None:
    (shop.root / "uat").mkdir()
    (shop.root / "uat" / "criteria.toml").write_text(CRITERION)
    (shop.root / "uat" / "test_shelf.py").write_text(DEMONSTRATION)
    shop.edit(TIER, 'suites = ["contract"]', 'suites = ["uat"]')
    empty = shop.root / "bin"
    empty.mkdir()
    (empty / "python").symlink_to(str(shutil.which("python")))
    said = shop.run(PATH=str(empty), HOME=str(shop.root), PLAYWRIGHT_BROWSERS_PATH=str(empty))
    clear(said)
    assert said.exit == 3
    assert "no browser could be started" in said.all
    assert "harness doctor" in said.all
    assert shop.run().exit == 0


CRITERION = """\
[[criteria]]
id = "SHP-1"
title = { en = "There is tea on the shelf", zh = "货架上有茶" }
statement = { en = "When I look at the shelf I find tea.", zh = "查看货架时能找到茶。" }
priority = "must"
owner = "shop-keeper"
judged = "automatic"
demonstration = "test_shelf.py::test_there_is_tea"
"""
DEMONSTRATION = """\
from harness.kit.uat import expect, step


def test_there_is_tea(page):
    with step("Look at the shelf", zh="查看货架"):
        page.goto("/items")
        expect(page.locator("body")).to_contain_text("tea")
"""
