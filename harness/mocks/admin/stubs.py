"""`/__admin/mappings`: the stubs of a mock, listed, created, changed, removed, and put back as they were.

What the mock could not carry out is refused with the same sentence as in a file, and changes nothing.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.errors import HarnessError
from harness.formats.stub_mappings import read_stub_mappings
from harness.formats.stub_matchers import Refused, matcher_from
from harness.mocks.admin.asking import Asking, NotDone
from harness.mocks.admin.shown import shown_stub
from harness.mocks.engine import Mock
from harness.mocks.matching import CompiledStub, Text, test_for
from harness.model.mock import StubMapping

PLACE = "__admin/mappings"
_NOT_SAVED = "stubs are kept in files: write it into mappings/ of the mock's folder; nothing is saved from here"


class Stubs:
    """The stubs of one mock. `read_body` gives the bytes of a `bodyFileName`."""

    def __init__(self, mock: Mock, read_body: Callable[[str], bytes]) -> None:
        self._mock = mock
        self._read_body = read_body

    def listed(self, stubs: list[CompiledStub] | None = None) -> dict[str, Any]:
        """All of them, or some; the newest first."""
        shown = self._mock.stubs.all if stubs is None else stubs
        return {"mappings": [shown_stub(one) for one in reversed(shown)], "meta": {"total": len(shown)}}

    def named(self, identity: str) -> CompiledStub:
        """The stub of an id."""
        stub = self._mock.stub(identity)
        if stub is None:
            raise NotDone(404, f"there is no stub {identity}")
        return stub

    def entered(self, written: Any, identity: str = "") -> CompiledStub:
        """A stub read and put in; with an id, in the place of that one."""
        mapping = self._read(written)
        try:
            return self._mock.enter(replace(mapping, id=identity) if identity else mapping)
        except ValueError as error:
            raise NotDone(422, str(error).splitlines()[0]) from None

    def imported(self, asking: Asking) -> None:
        """Several at once; `importOptions` as WireMock knows them."""
        given = asking.json()
        options = given.get("importOptions") or {}
        mappings = given.get("mappings")
        if not isinstance(mappings, list) or not isinstance(options, dict):
            raise NotDone(422, "an import is {mappings: […], importOptions: {…}}")
        read = [self._read(one) for one in mappings]
        if options.get("deleteAllNotInImport") is True:
            kept = {one.id for one in read}
            for stub in [one for one in self._mock.stubs.all if one.mapping.id not in kept]:
                self._mock.remove(stub)
        for mapping, written in zip(read, mappings, strict=True):
            if options.get("duplicatePolicy") == "IGNORE" and self._mock.stub(mapping.id) is not None:
                continue
            self.entered(written)

    def removed(self, stubs: list[CompiledStub]) -> None:
        """Those are gone."""
        for stub in stubs:
            self._mock.remove(stub)

    def by_metadata(self, asking: Asking) -> list[CompiledStub]:
        """Those whose `metadata` a matcher accepts."""
        try:
            test = test_for(matcher_from(asking.json()))
        except ValueError as error:
            hint = error.hint if isinstance(error, Refused) else None
            raise NotDone(422, str(error), hint) from None
        return [
            one for one in self._mock.stubs.all
            if isinstance(one.mapping.written, dict) and "metadata" in one.mapping.written
            and test(Text(json.dumps(one.mapping.written["metadata"])))
        ]  # fmt: skip

    def _read(self, written: Any) -> StubMapping:
        if isinstance(written, dict) and written.get("persistent") is True:
            raise NotDone(422, f"`persistent` is not carried out: {_NOT_SAVED}")
        try:
            (mapping,) = read_stub_mappings(json.dumps([written]).encode(), PLACE, self._read_body)
        except HarnessError as error:
            first = error.problems[0]
            raise NotDone(422, first.message, first.hint) from None
        if isinstance(written, dict) and written.get("name"):
            return mapping
        return replace(mapping, name=f"{mapping.request.method} {mapping.request.url or 'any path'}")

    def save(self) -> None:
        """Never: files belong to those who write them."""
        raise NotDone(501, f"nothing was saved: {_NOT_SAVED}")
