"""A mock folder read from disk: everything it names is found, nothing outside is read, all problems at once."""

import json
from pathlib import Path

import pytest

from harness.adapters.mock_server.loading import load_mock
from harness.errors import HarnessError
from harness.mocks.messages import Request

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content": {"text/plain": {}}}}}},
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "thing",
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"id": {"type": "string"}},
                                    "required": ["id"],
                                }
                            }
                        },
                    }
                },
            },
        },
    },
}


def folder(tmp_path: Path, toml: str = 'contract = "../contract.json"\n', **files: str) -> Path:
    made = tmp_path / "mock"
    (made / "mappings").mkdir(parents=True)
    (made / "__files").mkdir()
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT))
    (made / "mock.toml").write_text(toml)
    for name, text in files.items():
        (made / "mappings" / f"{name}.json").write_text(text)
    return made


def mapping(**response: object) -> str:
    return json.dumps(
        {"request": {"urlPath": "/a"}, "response": {"headers": {"Content-Type": "text/plain"}, **response}}
    )


def test_a_document_alone_is_a_mock(tmp_path: Path) -> None:
    folder(tmp_path)
    loaded = load_mock(tmp_path / "contract.json")
    assert set(loaded.mock.compiled.operations) == {"a", "thing"}


def test_a_folder_brings_contract_mappings_and_bodies(tmp_path: Path) -> None:
    made = folder(tmp_path, one=mapping(bodyFileName="deep/body.txt"))
    (made / "__files" / "deep").mkdir()
    (made / "__files" / "deep" / "body.txt").write_text("from a file")
    assert load_mock(made).mock.answer(Request("GET", "/a")).body == b"from a file"


@pytest.mark.parametrize("name", ["../mock.toml", "../../contract.json", "/etc/passwd", "deep/../../mock.toml", "link"])
def test_a_body_outside_files_is_never_read(tmp_path: Path, name: str) -> None:
    made = folder(tmp_path, one=mapping(bodyFileName=name))
    (made / "__files" / "link").symlink_to(tmp_path / "contract.json")
    with pytest.raises(HarnessError, match="leads out of __files"):
        load_mock(made)


def test_seeds_fill_a_stateful_mock(tmp_path: Path) -> None:
    made = folder(tmp_path, 'contract = "../contract.json"\nstateful = true\nseeds = "seeds.yaml"\n')
    (made / "seeds.yaml").write_text("/things:\n  - {id: seeded}\n")
    loaded = load_mock(made)
    assert loaded.mock.answer(Request("GET", "/things/seeded")).body == b'{"id":"seeded"}'
    assert loaded.mock.answer(Request("GET", "/things/other")).status == 404


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('contract = "../contract.json"\ncontrakt = 1\n', "unknown key `contrakt`"),
        ('contract = "../contract.json"\non-drift = "ignore"\n', "not one of fail, warn"),
        ('contract = "../contract.json"\nbase-path = "erp/"\n', "begins with `/`"),
        ('contract = "../contract.json"\nseeds = "s.yaml"\n', "stateful mock"),
        ('contract = "../contract.json"\nstateful = true\nseeds = "../../s.yaml"\n', "leads out of"),
        ('contract = "../none.json"\n', "cannot read"),
        ("contract = \n", "not TOML"),
    ],
)
def test_a_wrong_mock_toml_is_refused_with_a_sentence(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(HarnessError) as caught:
        load_mock(folder(tmp_path, toml))
    assert said in "; ".join(one.message for one in caught.value.problems)


def test_the_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    made = folder(tmp_path, one='{"request": {"x": 1}, "response": {}}', two='{"request": {}, "response": {"y": 1}}')
    with pytest.raises(HarnessError) as caught:
        load_mock(made)
    assert [Path(one.place.file).name for one in caught.value.problems if one.place] == ["one.json", "two.json"]


def test_an_expression_that_cannot_be_compiled_is_refused_with_its_file(tmp_path: Path) -> None:
    text = json.dumps({"request": {"bodyPatterns": [{"matchesJsonPath": "$.["}]}, "response": {}})
    with pytest.raises(HarnessError) as caught:
        load_mock(folder(tmp_path, one=text))
    assert caught.value.problems[0].place is not None
    assert caught.value.problems[0].place.file.endswith("mappings/one.json")


def test_a_folder_that_is_no_mock_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="neither"):
        load_mock(tmp_path)
    with pytest.raises(HarnessError, match="there is no"):
        load_mock(tmp_path / "none.yaml")


def test_the_sample_mock_of_the_erp_keeps_its_contract() -> None:
    loaded = load_mock(Path(__file__).parents[2] / "mocks" / "erp")
    lines = {"reference": "ord-000000000001", "lines": [{"sku": "POT-300", "quantity": 26}]}
    headers = (("content-type", "application/json"),)
    reply = loaded.mock.answer(Request("POST", "/reservations", "", headers, json.dumps(lines).encode()))
    assert (reply.status, reply.drift) == (409, ())
    lines = {"reference": "ord-000000000001", "lines": [{"sku": "TIN-400", "quantity": 299}]}
    reply = loaded.mock.answer(Request("POST", "/reservations", "", headers, json.dumps(lines).encode()))
    assert (reply.status, reply.drift, reply.delay_ms) == (201, (), 1500)


@pytest.mark.parametrize(("toml", "base"), [("", "/v1"), ('base-path = ""\n', ""), ('base-path = "/erp"\n', "/erp")])
def test_a_mock_lives_where_its_contract_says_unless_its_settings_say_otherwise(
    tmp_path: Path, toml: str, base: str
) -> None:
    document = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "host": "api.example",
        "basePath": "/v1",
        "paths": {"/a": {"get": {"responses": {"200": {"description": ""}}}}},
    }
    made = tmp_path / "mock"
    made.mkdir()
    (tmp_path / "c.json").write_text(json.dumps(document))
    (made / "mock.toml").write_text(f'contract = "../c.json"\n{toml}')
    mock = load_mock(made).mock
    assert mock.base_path == base
    assert mock.answer(Request("GET", f"{base}/a")).status == 200
    assert mock.answer(Request("GET", "/elsewhere/a")).status == 404


@pytest.mark.parametrize(("more", "prepared"), [(3, True), (200, False)])
def test_only_a_large_contract_is_made_ready_as_it_is_asked(tmp_path: Path, more: int, prepared: bool) -> None:
    paths = {f"/a{n}": CONTRACT["paths"]["/a"]["get"] for n in range(more)}  # type: ignore[index]
    paths = {path: {"get": {**get, "operationId": path}} for path, get in paths.items()}
    document = tmp_path / "contract.json"
    document.write_text(json.dumps({**CONTRACT, "paths": paths}))
    loaded = load_mock(document)
    assert loaded.prepared is prepared
    assert all(one.is_complete for one in loaded.mock.compiled.operations.values()) is prepared
    assert loaded.mock.answer(Request("GET", "/a2")).status == 200
