"""A request and its answer as the report shows them side by side: `application/vnd.allure.http+json`.

Credentials are shown by the name that stands for them. A body that is no text is shown by its size.
"""

import json

from harness.formats.curl import Request

MEDIA_TYPE = "application/vnd.allure.http+json"
_MOST = 64 * 1024
_Pairs = list[dict[str, object]]


def exchange(request: Request, status: int | None, answer: str) -> bytes:
    """The document. `answer` is what of the answer was kept, cut where it was long."""
    return json.dumps(
        {
            "request": {
                "method": request.method,
                "url": request.url,
                "headers": _headers(request),
                "body": _body(request),
            },
            "response": {
                "status": "" if status is None else str(status),
                "headers": [],
                "body": {"contentType": "text/plain", "encoding": "utf8", "value": answer[:_MOST]},
            },
        },
        ensure_ascii=False,
    ).encode("utf-8", "backslashreplace")


def _headers(request: Request) -> _Pairs:
    shown: _Pairs = [{"name": name, "value": value} for name, value in request.headers.items()]
    hidden: _Pairs = [
        {"name": name, "value": f"{scheme}$HARNESS_TOKEN", "masked": True}
        for name, scheme in request.credentials
        if not scheme.startswith("-")
    ]
    return shown + hidden


def _body(request: Request) -> dict[str, object] | None:
    if request.body is None:
        return None
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "text/plain")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        text = f"({len(request.body)} bytes that are no text)"
    cut = request.is_cut or len(text) > _MOST
    return {"contentType": kind, "encoding": "utf8", "value": text[:_MOST], "truncated": cut}
