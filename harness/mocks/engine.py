"""A mock: a contract and stub mappings compiled together, and one function from a request to a reply.

The promise: nothing leaves that breaks the contract. An illegal request is refused as the contract
documents; a stub whose answer breaks the contract is a drift, refused or journalled as `on_drift` says.
Stubs go before state, state before the contract's own examples.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.mocks.accepting import refusal, request_violations
from harness.mocks.answering import (
    PROBLEM,
    Answers,
    chosen,
    concrete,
    dumped,
    problem,
    refusing,
    reply_from,
    success_status,
)
from harness.mocks.base_paths import below
from harness.mocks.blueprint import drawn_from
from harness.mocks.contracts import Compiled, CompiledOperation, compile_contract
from harness.mocks.delays import drawn_ms
from harness.mocks.draws import Draws
from harness.mocks.drifting import answer_violations
from harness.mocks.json_paths import NotAPath
from harness.mocks.matching import CompiledStub, StubIndex, path_variables
from harness.mocks.messages import Reply, Request, Source, Violation
from harness.mocks.patterns import NotAPattern
from harness.mocks.resources import Resources
from harness.mocks.sessions import Session, Sessions, session_of
from harness.model.mock import Delay, FixedDelay, MockSettings, OnDrift, StubMapping, StubResponse

if TYPE_CHECKING:
    from harness.mocks.templating.compiled import Templates

_PREFERENCE = re.compile(r"\s*([A-Za-z]+)\s*=\s*\"?([^\",;]+)\"?\s*(?:[,;]|$)")
_NO_DRIFT: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something of the contract or the stubs that cannot be used, as a sentence, and whether it must stop the start."""

    message: str
    place: str = ""
    refused: bool = False


class Mock:
    """One mock. `answer` may be called from one thread at a time; sessions do not see each other."""

    def __init__(
        self, document: Mapping[str, Any] | None, mappings: tuple[StubMapping, ...], settings: MockSettings
    ) -> None:
        self.settings = settings
        self.base_path = self._base = (settings.base_path or "").rstrip("/")
        self.compiled = compile_contract(document, lazily=True) if document is not None else Compiled()
        self.has_contract = document is not None
        self.stubs = StubIndex()
        self._answers = Answers(self.compiled, settings.seed)
        self.blueprint = drawn_from(self.compiled, document) if settings.stateful and document is not None else None
        self.sessions = Sessions(settings.seed, self._resources if self.blueprint is not None else None)
        self.delay: Delay | None = None
        self.now_ms: Callable[[], int] = lambda: 0
        self._templates: dict[int, Templates] = {}
        self._by_id: dict[str, CompiledStub] = {}
        self._mappings = mappings
        self._refused: list[Gap] = []
        self._plain: dict[str, Reply | None] = {}
        self._stub_replies: dict[tuple[int, str], Reply] = {}
        self.reset_stubs()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be used, so far: answers are made when first asked for, so ask `prepare` for all."""
        inferred = self.blueprint.gaps if self.blueprint is not None else ()
        said = (*self.compiled.gaps, *inferred, *self._answers.gaps)
        return (*self._refused, *(Gap(message=message) for message in said))

    def prepare(self) -> tuple[Gap, ...]:
        """Make the answer of every operation now; gives every gap."""
        for operation in self.compiled.operations.values():
            if self.compiled.usable(operation):
                self._plain_answer(operation)
        return self.gaps

    def answer(self, request: Request) -> Reply:
        """The reply to one request, and why it is that one."""
        reply = self._answered(request)
        if self.delay is not None and not reply.delay_ms:
            return replace(reply, delay_ms=drawn_ms(self.delay, self.sessions.named(session_of(request)).draws))
        return reply

    # --- stubs that come and go while it answers ---

    def enter(self, mapping: StubMapping) -> CompiledStub:
        """A stub more; it goes before others of its priority. One with the same id is replaced.

        ValueError, with nothing changed, where a matcher of it cannot be compiled.
        """
        mapping = below(mapping, self.base_path)
        mapping = mapping if mapping.id else replace(mapping, id=_id_for(mapping, self.stubs.entered))
        templates = _templates_of(mapping) if mapping.response.templated else None
        stub = self.stubs.add(mapping)
        if templates is not None:
            self._templates[stub.rank[1]] = templates
        before = self._by_id.get(mapping.id)
        if before is not None:
            self.remove(before)
        self._by_id[mapping.id] = stub
        return stub

    def stub(self, identity: str) -> CompiledStub | None:
        """The stub of an id, None where there is none."""
        return self._by_id.get(identity)

    def remove(self, stub: CompiledStub) -> None:
        """A stub less."""
        self.stubs.remove(stub)
        self._templates.pop(stub.rank[1], None)
        self._by_id.pop(stub.mapping.id, None)
        self._stub_replies = {key: kept for key, kept in self._stub_replies.items() if key[0] != stub.rank[1]}

    def reset_stubs(self) -> None:
        """The stubs that it was made from, and no others."""
        self.stubs = StubIndex(entered=self.stubs.entered)
        self._by_id.clear()
        self._templates.clear()
        self._stub_replies.clear()
        self._refused.clear()
        for mapping in self._mappings:
            self._enter(mapping)

    def _answered(self, request: Request) -> Reply:
        path = request.path
        if self._base:
            if not (path.startswith(self._base + "/") or path == self._base):
                return _unmatched(404, f"nothing is served outside {self._base}", request)
            request.path = path = path[len(self._base) :] or "/"
        routed = self.compiled.router.find(request.method, path) if self.has_contract else None
        operation = routed.target if routed is not None else None
        in_path = routed.parameters if routed is not None else {}
        if operation is not None and not operation.is_complete and not self.compiled.usable(operation):
            return self._unusable(operation)
        violations = (
            request_violations(operation, request, in_path, self.compiled.asked) if operation is not None else ()
        )
        session = self.sessions.named(session_of(request))
        if self.stubs.all:
            stub = self.stubs.find(request, session.states)
            if stub is not None and (not violations or _refuses(stub)):
                return self._from_stub(stub, operation, violations, session, request)
        if operation is None:
            if request.method == "HEAD" and (routed is None or "GET" in routed.allowed):
                return self._head(request)
            if routed is not None:
                allowed = ", ".join(sorted(routed.allowed))
                return _unmatched(405, f"{request.method} is not in the contract here", request, allow=allowed)
            return _unmatched(404, "no stub and no operation of the contract answers this", request)
        if violations:
            return self._refusal(operation, violations)
        if session.resources is not None:
            held = session.resources.answer(operation, request, in_path)
            if held is not None:
                undocumented = held.status >= 400 and operation.documented(held.status) is None
                return held if undocumented else self._checked(held, operation)
        return self._from_contract(operation, request, session)

    def _unusable(self, operation: CompiledOperation) -> Reply:
        """What the contract says of an operation cannot be read: nothing can be promised for it."""
        why = next((gap for gap in self.compiled.gaps if gap.startswith(f"{operation.id}: ")), operation.id)
        return reply_from(
            501, (("content-type", PROBLEM),), dumped(problem(501, f"the contract cannot be used here: {why}")),
            source=Source.UNMATCHED, operation=operation.id,
        )  # fmt: skip

    # --- the sources, in their order ---

    def _from_stub(
        self,
        stub: CompiledStub,
        operation: CompiledOperation | None,
        violations: tuple[Violation, ...],
        session: Session,
        request: Request,
    ) -> Reply:
        mapping = stub.mapping
        if mapping.new_state is not None and mapping.scenario is not None:
            session.states[mapping.scenario] = mapping.new_state
        if mapping.response.templated:
            reply = self._templated(stub, operation, session, request)
        else:
            key = (stub.rank[1], operation.id if operation is not None else "")
            found = self._stub_replies.get(key)
            reply = found or self._stub_replies.setdefault(key, self._stub_reply(stub, operation, mapping.response))
        delay = mapping.response.delay
        if violations:
            reply = replace(reply, violations=violations)
        if delay is not None and not isinstance(delay, FixedDelay):
            return replace(reply, delay_ms=drawn_ms(delay, session.draws))
        return reply

    def _templated(
        self, stub: CompiledStub, operation: CompiledOperation | None, session: Session, request: Request
    ) -> Reply:
        """A stub's answer made for this request, and checked like any other."""
        mapping = stub.mapping
        variables = path_variables(mapping.request.url, request.path)
        made = self._templates[stub.rank[1]].answer(
            request, f"{self.base_path}{request.path}", variables, session.draws, self.now_ms()
        )
        if isinstance(made, str):
            told = problem(500, f"the template of the stub `{mapping.name}` failed: {made}", place=mapping.place)
            more: dict[str, Any] = {"stub": mapping.name, "stub_id": mapping.id}
            drift = (Violation(where="template", message=made, rule="template"),)
            return reply_from(500, (("content-type", PROBLEM),), dumped(told), source=Source.DRIFT, drift=drift, **more)
        headers, body = made
        return self._stub_reply(stub, operation, replace(mapping.response, headers=headers, body=body))

    def _stub_reply(self, stub: CompiledStub, operation: CompiledOperation | None, written: StubResponse) -> Reply:
        """A stub's answer, checked against the contract; once where its bytes never change."""
        mapping = stub.mapping
        delay_ms = float(written.delay.ms) if isinstance(written.delay, FixedDelay) else 0.0
        more: dict[str, Any] = {
            "operation": operation.id if operation else None,
            "stub": mapping.name,
            "stub_id": mapping.id,
        }
        if written.fault is not None:
            return Reply(status=0, source=Source.STUB, fault=written.fault, delay_ms=delay_ms, **more)
        headers = written.headers
        if operation is not None and written.body and not any(name.lower() == "content-type" for name, _ in headers):
            documented = operation.documented(written.status)
            media = chosen(documented.media, "") if documented is not None else None
            if media is not None and "*" not in media.media_type:
                headers = (*headers, ("content-type", media.media_type))
        drift = self._drift_of(operation, written.status, headers, written.body)
        if drift and self.settings.on_drift is OnDrift.FAIL:
            return _drifted(drift, more, mapping.place)
        reply = reply_from(written.status, headers, written.body, source=Source.STUB, drift=drift, **more)
        return replace(reply, delay_ms=delay_ms, dribble=written.dribble)

    def _drift_of(
        self, operation: CompiledOperation | None, status: int, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> tuple[Violation, ...]:
        if not self.has_contract:
            return ()
        if operation is None:
            return (Violation(where="operation", message="the contract has no such operation", rule="operation"),)
        return answer_violations(operation, status, headers, body)

    def _from_contract(self, operation: CompiledOperation, request: Request, session: Session) -> Reply:
        prefer = request.header("prefer")
        accept = request.header("accept") or ""
        if not prefer and accept in {"", "*/*", "application/json"}:
            plain = self._plain_answer(operation)
            if plain is not None and not plain.drift:
                return plain
            return self._checked(plain, operation)
        return self._checked(self._preferred(operation, prefer or "", accept, session), operation)

    def _plain_answer(self, operation: CompiledOperation) -> Reply | None:
        if operation.id not in self._plain:
            key = success_status(operation)
            reply = self._answers.answer(operation, concrete(key)) if key is not None else None
            self._plain[operation.id] = reply
        return self._plain[operation.id]

    def _preferred(self, operation: CompiledOperation, prefer: str, accept: str, session: Session) -> Reply | None:
        """Prism's `Prefer: code=404, example=name, dynamic=true`."""
        wished = {key.lower(): value.strip() for key, value in _PREFERENCE.findall(prefer)}
        key = success_status(operation)
        status = int(wished["code"]) if wished.get("code", "").isdigit() else concrete(key or "200")
        salt = ""
        if wished.get("dynamic") == "true":
            salt = str(session.draws.bits())
        return self._answers.answer(operation, status, accept=accept, example=wished.get("example"), salt=salt)

    def _refusal(self, operation: CompiledOperation, violations: tuple[Violation, ...]) -> Reply:
        status, documented = refusal(operation, violations)
        base = self._answers.answer(operation, status) if documented is not None else None
        return refusing(base, documented, status, violations, operation.id)

    def _checked(self, reply: Reply | None, operation: CompiledOperation) -> Reply:
        """The last door for what was not checked when it was made."""
        if reply is None:
            told = problem(501, f"the contract gives no answer for {operation.id} that could be made")
            return reply_from(
                501, (("content-type", PROBLEM),), dumped(told), source=Source.UNMATCHED, operation=operation.id
            )
        drift = reply.drift or answer_violations(operation, reply.status, reply.headers, reply.body)
        if not drift:
            return reply
        if self.settings.on_drift is OnDrift.FAIL:
            return _drifted(drift, {"operation": operation.id, "stub": None}, self.settings.contract or "the contract")
        return replace(reply, drift=drift)

    def _head(self, request: Request) -> Reply:
        """HEAD is GET without a body, where the contract says nothing else (RFC 9110 9.3.2)."""
        twin = Request("GET", request.path, request.query, request.headers, request.body)
        routed = self.compiled.router.find("GET", twin.path) if self.has_contract else None
        if routed is None or routed.target is None:
            return _unmatched(404, "no stub and no operation of the contract answers this", request)
        base, self._base = self._base, ""
        try:
            return self._answered(twin)
        finally:
            self._base = base

    def _resources(self) -> Resources:
        assert self.blueprint is not None
        settings = self.settings
        return Resources(self.blueprint, self._answers, settings.seeds, settings.seed, self.base_path)

    def _enter(self, mapping: StubMapping) -> None:
        if mapping.id in self._by_id:
            told = f"{mapping.name}: the id {mapping.id} belongs to `{self._by_id[mapping.id].mapping.name}` already"
            self._refused.append(Gap(message=told, place=mapping.place, refused=True))
            return
        try:
            self.enter(mapping)
        except (NotAPattern, NotAPath) as error:
            self._refused.append(Gap(message=f"{mapping.name}: {error}", place=mapping.place, refused=True))
        except ValueError as error:
            told = str(error).splitlines()[0]
            self._refused.append(Gap(message=f"{mapping.name}: {told}", place=mapping.place, refused=True))


def compile_mock(document: Mapping[str, Any] | None, mappings: tuple[StubMapping, ...], settings: MockSettings) -> Mock:
    """Everything compiled once. `document` is a flat OpenAPI document (every `$ref` local), None = no contract."""
    return Mock(document, mappings, settings)


def _templates_of(mapping: StubMapping) -> "Templates":
    # here, so that a mock without templates starts without them
    from harness.mocks.templating.compiled import compiled_templates

    return compiled_templates(mapping.response)


def _id_for(mapping: StubMapping, number: int) -> str:
    """A UUID for a stub that was written without one: the same for the same place, name and number."""
    drawn = Draws("stub", mapping.place, mapping.name, number)
    text = f"{drawn.bits():016x}{drawn.bits():016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _refuses(stub: CompiledStub) -> bool:
    return stub.mapping.response.status >= 400 or stub.mapping.response.fault is not None


def _drifted(drift: tuple[Violation, ...], more: dict[str, Any], place: str) -> Reply:
    who = f"the stub `{more['stub']}`" if more["stub"] else "the answer"
    title = f"{who} breaks the contract of {more['operation'] or 'an operation that it does not have'}"
    told = problem(500, title, drift, stub=more["stub"], operation=more["operation"], place=place)
    return reply_from(500, (("content-type", PROBLEM),), dumped(told), source=Source.DRIFT, drift=drift, **more)


def _unmatched(status: int, title: str, request: Request, allow: str = "") -> Reply:
    told = problem(status, title, method=request.method, path=request.path)
    headers = (("content-type", PROBLEM), *((("allow", allow),) if allow else ()))
    return reply_from(status, headers, dumped(told), source=Source.UNMATCHED)
