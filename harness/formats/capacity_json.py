"""How much a system can take, as one JSON document."""

import json

from harness.formats.shape import from_json, to_json
from harness.model.capacity import Capacity

KIND, VERSION = "harness/load-capacity", 1


def write_capacity(capacity: Capacity) -> bytes:
    """The document."""
    return json.dumps({"kind": KIND, "version": VERSION, **to_json(capacity)}, ensure_ascii=False).encode()


def read_capacity(body: bytes) -> Capacity:
    """The answer in a document; ValueError where it is not one of ours."""
    try:
        document = json.loads(body)
        if (document.pop("kind"), document.pop("version")) != (KIND, VERSION):
            raise ValueError("it is another document")
        read: Capacity = from_json(Capacity, document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it has not the shape of {KIND} {VERSION}: {error}") from error
    return read
