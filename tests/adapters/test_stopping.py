"""The kill switch of a workspace: on, nothing starts; off again, everything may."""

import pytest

from harness.actions.running import run
from harness.actions.stopping import allow_runs, stop_runs
from harness.adapters.host import Host
from harness.adapters.stopping import is_stopped, stop_file
from harness.cli.live import Silent
from harness.errors import AskedWrongly

TIER = '[systems.shop]\nbase-url = "http://127.0.0.1:9"\n[policy]\nsuites = ["uat"]\nconfirm = true\n'


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "prod.toml").write_text(TIER)
    return tmp_path


def test_while_the_switch_is_on_nothing_starts(workspace):
    assert stop_runs(Host(), workspace) == ((), ())
    with pytest.raises(AskedWrongly, match="kill switch is on"):
        run(Host(), workspace, "prod", Silent(), confirm=lambda tier: tier)
    assert is_stopped(workspace)
    assert allow_runs(workspace)
    assert not stop_file(workspace).exists()
    assert not allow_runs(workspace)


@pytest.mark.parametrize("said", [None, "", "test", "PROD"])
def test_a_tier_that_wants_it_starts_only_with_its_name_said_once_more(workspace, said):
    with pytest.raises(AskedWrongly, match="starts only with its name") as refused:
        run(Host(), workspace, "prod", Silent(), confirm=lambda _: said)
    assert refused.value.problems[0].hint == "harness run prod --confirm prod"
    assert not (workspace / ".harness").exists()
