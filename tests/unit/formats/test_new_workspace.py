"""The text of a new workspace: whatever a document calls itself, the files are whole."""

import ast
import json
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.new_workspace import on_many_lines, slug, workspace_files
from harness.formats.tier_toml import read_tier
from harness.model.contract import Operation
from harness.model.tier import ApiKey, Basic, Bearer, SecretRef

SECRET = SecretRef(kind="env", at="A_SECRET")


@pytest.mark.parametrize(
    ("title", "name"),
    [("Order hub (v2)", "order-hub-v2"), ("", "api"), ("订单", "api"), ("../../etc", "etc"), ("A" * 99, "a" * 30)],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert slug(title) == name


@pytest.mark.parametrize(
    "auth",
    [None, Bearer(token=SECRET), Basic(user='o"k', password=SECRET), ApiKey(header="X-Key", value=SECRET)],
)
def test_the_tier_that_is_written_is_the_tier_that_is_read(auth: Bearer | Basic | ApiKey | None) -> None:
    files = workspace_files(
        title="Shop", system="shop", base_url="http://h:1/v1", contract="contracts/a.yaml", auth=auth, reading=None
    )
    tier = read_tier("test", (("environments/test.toml", files["environments/test.toml"].encode()),), {})
    assert tier.system("shop").auth == auth
    assert tier.system("shop").contract == "contracts/a.yaml"
    assert [suite.value for suite in tier.policy.suites] == ["contract"]


@given(st.text(), st.text(), st.text(st.characters(exclude_categories=("Cs",))))
def test_names_out_of_a_document_are_never_code(title: str, path: str, id_: str) -> None:
    files = workspace_files(
        title=title.encode("utf-8", "replace").decode(),
        system=slug(title),
        base_url="http://h:1",
        contract="contracts/a.yaml",
        auth=None,
        reading=Operation(id=id_, method="GET", path=path.encode("utf-8", "replace").decode()),
    )
    tomllib.loads(files["harness.toml"])
    code = re.findall(r"^```python\n(.*?)^```$", files["load/README.md"], re.S | re.M)
    if code:
        calls = [node for node in ast.walk(ast.parse(code[0])) if isinstance(node, ast.Call)]
        assert len(calls) == 1
        assert isinstance(calls[0].args[0], ast.Constant)


def test_one_line_of_json_becomes_many_with_the_same_meaning() -> None:
    document = {"paths": {"/a": {"get": {"summary": "é", "x": [1, 2.5, None]}}}}
    made = on_many_lines(json.dumps(document).encode())
    assert made.count(b"\n") > 5
    assert json.loads(made) == document


@pytest.mark.parametrize("body", [b"openapi: 3.1.0\n", b"{\n" + b"\n" * 20 + b"}"])
def test_a_document_with_lines_stays_as_it_is(body: bytes) -> None:
    assert on_many_lines(body) == body
