"""A workspace on disk: read whole, or refused with every problem of every file."""

from pathlib import Path

import pytest

from harness.actions.checking import check
from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root, load_tier, load_workspace, tier_names
from harness.errors import AskedWrongly, HarnessError

CONTRACT = """\
openapi: 3.1.0
info: { title: Hub, version: "1" }
paths:
  /things:
    get:
      operationId: listThings
      responses: { "200": { description: fine } }
"""
TIER = """\
[systems.hub]
base-url = "http://127.0.0.1:8080"
contract = "../contracts/hub.yaml"
[policy]
suites = ["contract", "load", "uat"]
mocks = "allowed"
"""
LOAD = """\
users = "things.py:Reader"
[profiles.smoke]
arrivals = "1 /s for 1 s"
[limits]
all = "p95 < 1 s"
[tiers]
test = "smoke"
"""
CRITERION = """\
[[criteria]]
id = "HUB-1"
title = "Things are listed"
statement = "I see my things."
priority = "must"
demonstration = "test_things.py::test_listed"
"""
SCRIPT = """\
def test_listed(): ...

class TestMore:
    def test_other(self): ...
    def helper(self): ...
"""
FILES = {
    "environments/test.toml": TIER,
    "contracts/hub.yaml": CONTRACT,
    "load/things.toml": LOAD,
    "load/things.py": "class Reader: ...\n",
    "uat/criteria.toml": CRITERION,
    "uat/test_things.py": SCRIPT,
}


def workspace(root: Path, **changed: str | bytes | None) -> Path:
    """A good workspace with some files changed; `None` leaves one out."""
    for name, body in {**FILES, **changed}.items():
        path = root / name
        if body is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return root


def problems(root: Path) -> list[tuple[str | None, int | None, str]]:
    with pytest.raises(HarnessError) as refused:
        check(Host(environ={}), root)
    return [
        (problem.place.file if problem.place else None, problem.place.line if problem.place else None, problem.message)
        for problem in refused.value.problems
    ]


def test_a_good_workspace_is_read_whole(tmp_path):
    root = workspace(tmp_path)
    tier = load_tier(root, "test", {})
    found = load_workspace(root, (tier,))
    assert (found.root, found.tiers, found.languages) == (str(root.resolve()), ("test",), ("en", "zh"))
    assert [operation.id for operation in found.contracts["contracts/hub.yaml"].operations] == ["listThings"]
    assert [spec.name for spec in found.loads] == ["things"]
    assert [criterion.id for criterion in found.criteria] == ["HUB-1"]
    assert found.scripts == {"test_things.py": ("test_things.py::test_listed", "test_things.py::TestMore::test_other")}
    assert set(found.digests) == set(FILES) - {"environments/test.toml"}
    checked = check(Host(environ={}), root)
    assert (checked.tiers, checked.operations, checked.criteria, checked.loads) == (("test",), 1, 1, 1)


def test_a_workspace_is_found_from_anywhere_inside(tmp_path):
    root = workspace(tmp_path)
    assert find_root(root / "uat") == root
    assert find_root(root) == root


def test_where_there_is_none_the_way_to_one_is_said(tmp_path):
    with pytest.raises(AskedWrongly, match="this is not a workspace") as refused:
        find_root(tmp_path)
    assert "harness init" in (refused.value.problems[0].hint or "")


def test_defaults_and_gate_are_no_tiers(tmp_path):
    root = workspace(tmp_path, **{"environments/defaults.toml": "order = 1\n", "environments/gate.toml": ""})
    assert tier_names(root) == ("test",)
    for name in ("defaults", "gate", "prod", "../test", "", "test.toml"):
        with pytest.raises(AskedWrongly, match="there is no tier") as refused:
            load_tier(root, name, {})
        assert refused.value.problems[0].hint == "tiers here: test"


def test_a_folder_without_tiers_says_so(tmp_path):
    (tmp_path / "environments").mkdir()
    assert problems(tmp_path) == [("environments", None, "there is no tier")]


@pytest.mark.parametrize(
    ("changed", "file", "line", "message"),
    [
        ({"environments/test.toml": "[systems\n"}, "environments/test.toml", 1, "this is not TOML"),
        ({"environments/test.toml": b"\xff"}, "environments/test.toml", None, "environments/test.toml is not UTF-8"),
        ({"environments/defaults.toml": "order = 'x'\n"}, "environments/defaults.toml", 1, "`order` must be a whole"),
        (
            {"environments/test.toml": TIER + 'hosts = ["elsewhere.example"]\n'},
            "environments/test.toml",
            None,
            "`hub` is at 127.0.0.1, which the policy of test does not allow",
        ),
        (
            {"environments/test.toml": TIER + '[dependencies.erp]\nmock = "../mocks/erp"\n'},
            "environments/test.toml",
            None,
            "the mock of `erp` is in mocks/erp, which is not a folder",
        ),
        (
            {
                "environments/test.toml": TIER.replace('"allowed"', '"forbidden"')
                + '[dependencies.erp]\nmock = "../mocks"\n',
                "mocks/x.txt": "",
            },
            "environments/test.toml",
            None,
            "`erp` is answered by a mock, and the policy of test forbids mocks",
        ),
        ({"contracts/hub.yaml": None}, "contracts/hub.yaml", None, "can't read contracts/hub.yaml"),
        ({"contracts/hub.yaml": "a: [\n"}, "contracts/hub.yaml", None, ""),
        ({"contracts/hub.yaml": ""}, "contracts/hub.yaml", None, ""),
        ({"load/things.toml": "users = 3\n"}, "load/things.toml", 1, "`users` must be a text"),
        ({"load/things.py": None}, "load/things.toml", None, "the users of `things` are in load/things.py"),
        (
            {"load/things.toml": 'system = "shop"\n' + LOAD},
            "load/things.toml",
            None,
            "`things` loads the system `shop`, which tier test does not have",
        ),
        ({"uat/criteria.toml": CRITERION.replace("must", "most")}, "uat/criteria.toml", 5, "`most` is not one of"),
        (
            {"uat/criteria.toml": CRITERION.replace("::test_listed", "::test_gone")},
            "uat/criteria.toml",
            None,
            "criterion HUB-1 is demonstrated by `test_things.py::test_gone`, which does not exist",
        ),
        ({"uat/test_things.py": "def test_listed(:\n"}, "uat/test_things.py", 1, "this is not Python"),
        ({"uat/test_things.py": b"x = '\0'\n"}, "uat/test_things.py", None, "this is not Python"),
        ({"uat/test_things.py": b"x = '\xff'\n"}, "uat/test_things.py", None, "this is not Python"),
        ({"uat/test_things.py": "x = " + "(" * 5000}, "uat/test_things.py", None, "this is not Python"),
        ({"harness.toml": "nmae = 'hub'\n"}, "harness.toml", 1, "unknown key `nmae`"),
        ({"harness.toml": "name = \n"}, "harness.toml", 1, "this is not TOML"),
        ({"pyproject.toml": "[tool\n"}, "pyproject.toml", 1, "this is not TOML"),
        ({"pyproject.toml": "[tool.harness]\nname = 3\n"}, "pyproject.toml", 2, "`name` must be a text, not 3"),
        ({"pyproject.toml": "[tool.harness]\nnam = 'x'\n"}, "pyproject.toml", 2, "unknown key `nam`"),
    ],
)
def test_each_kind_of_problem_is_told_with_its_file(tmp_path, changed, file, line, message):
    told = problems(workspace(tmp_path, **changed))
    matching = [(where, at) for where, at, said in told if where == file and said.startswith(message)]
    assert matching, told
    if line is not None:
        assert (file, line) in matching


def test_problems_of_all_files_are_told_at_once(tmp_path):
    root = workspace(
        tmp_path,
        **{
            "environments/test.toml": TIER + "rate = 'x'\n",
            "environments/prod.toml": TIER.replace("base-url", "base-ulr"),
            "load/things.toml": "[profiles]\n",
            "uat/criteria.toml": "[[criteria]]\n",
            "uat/test_things.py": "def (",
            "harness.toml": "x = 1\n",
        },
    )
    assert {file for file, _, _ in problems(root)} == {
        "environments/test.toml",
        "environments/prod.toml",
        "load/things.toml",
        "uat/criteria.toml",
        "uat/test_things.py",
        "harness.toml",
    }


def test_the_name_of_the_project_comes_from_its_own_file_or_pyproject(tmp_path):
    one = workspace(tmp_path / "one", **{"harness.toml": 'name = "order hub"\nlanguages = ["zh"]\n'})
    two = workspace(tmp_path / "two", **{"pyproject.toml": '[tool.harness]\nname = "shop"\n[tool.other]\nx = 1\n'})
    three = workspace(tmp_path / "three", **{"pyproject.toml": "[project]\nname = 'other'\n"})
    names = [
        (found.name, found.languages)
        for root in (one, two, three)
        if (found := load_workspace(root, (load_tier(root, "test", {}),)))
    ]
    assert names == [("order hub", ("zh",)), ("shop", ("en", "zh")), ("three", ("en", "zh"))]


@pytest.mark.parametrize("link", ["contracts/hub.yaml", "environments/test.toml", "uat/test_things.py"])
def test_a_link_out_of_the_workspace_is_not_followed(tmp_path, link):
    root = workspace(tmp_path / "w", **{link: None})
    (tmp_path / "outside").write_text(FILES[link])
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(tmp_path / "outside")
    told = problems(root)
    assert (link, f"`{link}` leads out of the workspace") in [(file, said) for file, _, said in told]


def test_a_workspace_behind_a_link_is_read(tmp_path):
    workspace(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert check(Host(environ={}), tmp_path / "link").operations == 1


def test_two_contracts_may_not_share_what_stands_beside_them(tmp_path):
    tier = FILES["environments/test.toml"]
    second = tier.replace("[systems.hub]", "[systems.other]") if "[systems.hub]" in tier else tier
    both = (
        tier
        + "\n"
        + second[second.index("[systems.other]") : second.index("[policy]")].replace(
            "contracts/hub.yaml", "contracts/hub.v2.yaml"
        )
    )
    root = workspace(tmp_path, **{"environments/test.toml": both, "contracts/hub.v2.yaml": FILES["contracts/hub.yaml"]})
    (told,) = [one for one in problems(root) if "would share" in one[2]]
    assert told[0] == "contracts/hub.v2.yaml"
    assert "contracts/hub.yaml and contracts/hub.v2.yaml" in told[2]
