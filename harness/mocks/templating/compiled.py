"""The answer of one stub as templates: body and headers, read at load, rendered for each request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.mocks.draws import Draws
from harness.mocks.messages import Request
from harness.mocks.templating.helpers import INSTEAD, helpers
from harness.mocks.templating.parsing import Nodes, parse_template
from harness.mocks.templating.rendering import Helper, Rendering, TemplateFailed, check_helpers
from harness.mocks.templating.values import request_model
from harness.model.mock import StubResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Read once; `answer` gives the headers and the body for a request."""

    headers: tuple[tuple[str, Nodes], ...]
    body: Nodes
    parameters: Mapping[str, Any]
    helpers: Mapping[str, Helper]

    def answer(
        self, request: Request, raw_path: str, variables: Mapping[str, str], draws: Draws, now_ms: int
    ) -> tuple[tuple[tuple[str, str], ...], bytes] | str:
        """The headers and the body for a request; a sentence where a helper cannot do what it is asked."""
        model = {"request": request_model(request, raw_path, variables), "parameters": self.parameters}
        rendering = Rendering(self.helpers, model, draws, now_ms)
        try:
            body = rendering.nodes(self.body).encode("utf-8", "replace")
            return tuple((name, _line(rendering.nodes(nodes))) for name, nodes in self.headers), body
        except TemplateFailed as error:
            return str(error)
        except RecursionError:
            return "it is nested too deeply"


def compiled_templates(response: StubResponse) -> Templates:
    """The templates of a stub's answer; `NotATemplate` where one cannot be read or calls what nobody knows."""
    known = helpers()
    try:
        body = parse_template(response.body.decode())
    except UnicodeDecodeError:
        raise ValueError("a body that is no UTF-8 text cannot be a template") from None
    headers = tuple((name, parse_template(value)) for name, value in response.headers)
    for nodes in (body, *(nodes for _, nodes in headers)):
        check_helpers(nodes, known, INSTEAD)
    parameters = response.parameters if isinstance(response.parameters, Mapping) else {}
    return Templates(headers=headers, body=body, parameters=parameters, helpers=known)


def _line(text: str) -> str:
    if "\r" in text or "\n" in text or not text.isprintable():
        raise TemplateFailed("a header came out as more than one printable line")
    return text
