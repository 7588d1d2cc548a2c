"""References: followed inside the contract's folder, refused and named everywhere else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import AskedWrongly, Problem
from harness.formats.openapi import read_contract
from harness.formats.openapi_walk import references, resolve
from harness.model.contract import Contract

HEAD = "openapi: 3.1.0\ninfo: {title: Shop, version: '2'}\n"


def using(ref: str, more: str = "") -> str:
    return HEAD + (
        "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: x\n"
        f"          content: {{application/json: {{schema: {{$ref: '{ref}'}}}}}}\n{more}"
    )


def read(files: dict[str, str], *, strict: bool = True, path: str = "contracts/a.yaml") -> Contract:
    def load(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name].encode()

    return read_contract(path, load, strict=strict)


def problem(files: dict[str, str]) -> Problem:
    with pytest.raises(AskedWrongly) as caught:
        read(files)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def schema_of(contract: Contract) -> object:
    content = contract.document["paths"]["/a"]["get"]["responses"]["200"]["content"]
    return content["application/json"]["schema"]


@pytest.mark.parametrize(
    "ref",
    [
        "http://other.example/x.json",
        "https://other.example/x.json#/a",
        "HTTP://other.example/x",
        "file:///etc/passwd",
        "ftp://other.example/x",
        "//other.example/x",
        "/etc/passwd",
        "data:application/json,{}",
        r"\\\\host\\share",
        "http://169.254.169.254/latest",
        "http%3A//other.example/x",
        "C:/x.yaml",
    ],
)
def test_a_reference_elsewhere_is_refused_and_named_with_its_line(ref: str) -> None:
    found = problem({"contracts/a.yaml": using(ref)})
    assert found.message == f"`$ref: {ref}` points outside the workspace"
    assert found.place is not None
    assert (found.place.file, found.place.line) == ("contracts/a.yaml", 9)


@pytest.mark.parametrize("ref", ["../secret.yaml", "x/../../secret.yaml", "..%2Fsecret.yaml"])
def test_a_reference_that_leaves_the_contracts_folder_is_refused(ref: str) -> None:
    found = problem({"contracts/a.yaml": using(ref), "secret.yaml": "type: string"})
    assert found.message == f"`$ref: {ref}` leaves `contracts/`"


def test_files_beside_the_contract_are_taken_in_with_what_they_refer_to() -> None:
    contract = read(
        {
            "contracts/a.yaml": using("parts/order.yaml#/Order"),
            "contracts/parts/order.yaml": "Order: {type: object, properties: {line: {$ref: '../line.json'}, "
            "self: {$ref: '#/Order'}, back: {$ref: '../a.yaml#/info'}}}\n",
            "contracts/line.json": '{"type": "string"}',
        }
    )
    at = schema_of(contract)
    assert at == {"$ref": "#/x-files/contracts.parts.order.yaml/Order"}
    order = resolve(contract.document, "#/x-files/contracts.parts.order.yaml/Order")
    assert resolve(contract.document, order["properties"]["line"]["$ref"]) == {"type": "string"}
    assert resolve(contract.document, order["properties"]["self"]["$ref"]) is order
    assert order["properties"]["back"]["$ref"] == "#/info"


def test_every_reference_of_a_contract_stays_inside_its_document() -> None:
    contract = read(
        {"contracts/a.yaml": using("b.yaml"), "contracts/b.yaml": "$ref: 'c.yaml'", "contracts/c.yaml": "{}"}
    )
    refs = [holder.mapping[holder.key] for holder in references(dict(contract.document))]
    assert refs
    assert all(ref.startswith("#/") for ref in refs)


def test_a_reference_that_leads_nowhere_names_the_likely_target() -> None:
    found = problem({"contracts/a.yaml": using("#/components/schemas/Ordr", "components: {schemas: {Order: {}}}\n")})
    assert found.message == "`$ref: #/components/schemas/Ordr` leads nowhere"
    assert found.hint == "did you mean `#/components/schemas/Order`?"


def test_references_that_only_lead_to_each_other_say_nothing() -> None:
    loop = "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}\n"
    with pytest.raises(AskedWrongly) as caught:
        read({"contracts/a.yaml": using("#/components/schemas/A", loop)})
    assert all(one.message.endswith("leads back to itself and says nothing") for one in caught.value.problems)


def test_a_recursive_schema_with_content_is_fine() -> None:
    tree = "components: {schemas: {T: {type: object, properties: {next: {$ref: '#/components/schemas/T'}}}}}\n"
    assert read({"contracts/a.yaml": using("#/components/schemas/T", tree)}).quarantined == ()


def test_examples_and_properties_called_like_words_of_the_language_are_told_apart() -> None:
    more = (
        "components:\n  schemas:\n    T:\n      example: {$ref: 'http://not-a-reference.example'}\n"
        "      properties: {example: {$ref: '#/components/schemas/U'}, $ref: {type: string}}\n    U: {}\n"
    )
    assert read({"contracts/a.yaml": using("#/components/schemas/T", more)}).quarantined == ()


def test_an_id_and_an_anchor_are_followed_and_taken_out() -> None:
    more = "components:\n  schemas:\n    T: {$id: 'https://shop.example/t', type: object}\n"
    more += "    U: {$anchor: here, type: object}\n"
    contract = read({"contracts/a.yaml": using("https://shop.example/t", more)})
    assert schema_of(contract) == {"$ref": "#/components/schemas/T"}
    assert contract.document["components"]["schemas"]["T"] == {"type": "object"}
    assert schema_of(read({"contracts/a.yaml": using("#here", more)})) == {"$ref": "#/components/schemas/U"}


def test_a_missing_file_is_a_problem_and_its_operation_goes_on_with_less() -> None:
    files = {"contracts/a.yaml": using("gone.yaml")}
    assert problem(files).message == "`$ref: gone.yaml` cannot be followed: contracts/gone.yaml: there is no such file"
    contract = read(files, strict=False)
    assert schema_of(contract) == {}
    assert [part.where for part in contract.quarantined] == [
        "#/paths/~1a/get/responses/200/content/application~1json/schema"
    ]


def test_an_operation_whose_parameter_is_missing_is_set_aside_and_named() -> None:
    text = using("#/components/schemas/T", "components: {schemas: {T: {}}}\n")
    text = text.replace("paths:\n", "paths:\n  /b:\n    get: {parameters: [{$ref: '#/no'}], responses: {}}\n")
    contract = read({"contracts/a.yaml": text}, strict=False)
    assert [part.where for part in contract.quarantined] == ["GET /b"]
    assert [operation.label for operation in contract.operations] == ["GET /a"]


def test_a_discriminator_may_name_files() -> None:
    more = "components: {schemas: {T: {discriminator: {propertyName: kind, mapping: {cat: 'cat.yaml', dog: Dog}}}}}\n"
    contract = read({"contracts/a.yaml": using("#/components/schemas/T", more), "contracts/cat.yaml": "{}"})
    mapping = contract.document["components"]["schemas"]["T"]["discriminator"]["mapping"]
    assert mapping == {"cat": "#/x-files/contracts.cat.yaml", "dog": "Dog"}


def test_the_digest_covers_every_file() -> None:
    files = {"contracts/a.yaml": using("b.yaml"), "contracts/b.yaml": "{}"}
    changed = {**files, "contracts/b.yaml": "{type: string}"}
    assert read(files).sha256 != read(changed).sha256


@given(st.text(max_size=40))
def test_no_reference_whatever_makes_reading_end_otherwise_than_told(ref: str) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"responses": {"200": {"content": {"a/b": {"schema": {"$ref": ref}}}}}}}},
    }
    body = json.dumps(document).encode()
    contract = read_contract(
        "contracts/a.json", lambda name: body if name.endswith("a.json") else _none(name), strict=False
    )
    assert all(holder.mapping[holder.key].startswith("#") for holder in references(dict(contract.document)))


def _none(name: str) -> bytes:
    raise OSError(name)
