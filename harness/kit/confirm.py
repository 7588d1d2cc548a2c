"""`python -m harness.kit.confirm order.json`: what a mock was asked, asked of the real dependency in its order.

Each is sent once, exactly as it was, but for ids that an earlier answer of the real dependency gave out in the place of
the mock's. Such an id is data, and leads to no other path than the mock's did. One line on disk for each, before the
next is sent.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harness.adapters.http import NoAnswerError, fetch
from harness.formats.json_pointer import pointed
from harness.formats.shape import from_json
from harness.mocks.relying import json_or_none
from harness.model.uses import Link, Use

_MOST = 1024 * 1024
_NO_ID = frozenset(("", ".", ".."))


def main(argv: list[str]) -> int:
    """Carry the order out; 0 whenever the answers tell the rest."""
    order = json.loads(Path(argv[0]).read_bytes())
    headers: dict[str, str] = json.loads(Path("headers.json").read_bytes())
    uses = tuple(from_json(Use, one) for one in order["uses"])
    bodies: dict[int, Any] = {}
    with Path("answers.ndjson").open("w") as answers, Path("progress.txt").open("w") as progress:
        for number, use in enumerate(uses):
            told = _asked(use, order["base_url"], headers, bodies, order["each_s"])
            if "body" in told:
                bodies[number] = json_or_none(bytes.fromhex(told["body"]).decode("utf-8", "replace"))
            answers.write(json.dumps({"number": number, **told}) + "\n")
            answers.flush()
            progress.write(f"{use.method} {use.path}: {told.get('status', told.get('why'))}\n")
            progress.flush()
    return 0


def _asked(
    use: Use, base_url: str, headers: Mapping[str, str], bodies: Mapping[int, Any], deadline_s: float
) -> dict[str, Any]:
    path, query, body = use.path, use.query, use.body
    for link in use.links:
        real = _given(link, bodies)
        if real is None:
            return {"why": f"it needs `{link.value}`, and the real answer that gives it out did not come"}
        if real in _NO_ID:
            return {"why": f"it needs `{link.value}`, and the real answer gives `{real}` there, which is no id"}
        plain = quote(real, safe="")
        path = "/".join(plain if step == link.value else step for step in path.split("/"))
        query = "&".join(_pair(part, link.value, plain) for part in query.split("&")) if query else ""
        body = body.replace(json.dumps(link.value), json.dumps(real))
    try:
        answer = fetch(
            base_url.rstrip("/") + path + (f"?{query}" if query else ""),
            method=use.method,
            headers={**dict(use.headers), **headers},
            body=body.encode() if body else None,
            deadline_s=deadline_s,
            most_bytes=_MOST,
        )
    except NoAnswerError as error:
        return {"why": str(error)}
    return {"status": answer.status, "headers": list(answer.headers.items()), "body": answer.body.hex()}


def _pair(part: str, value: str, real: str) -> str:
    name, equals, given = part.partition("=")
    return f"{name}{equals}{real}" if given == value else part


def _given(link: Link, bodies: Mapping[int, Any]) -> str | None:
    """What the real dependency gave out where the mock gave out `link.value`."""
    found = pointed(bodies.get(link.by), link.pointer)
    return found if isinstance(found, str) else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
