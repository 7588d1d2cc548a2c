"""The resources of a stateful mock."""

from collections.abc import Mapping

from harness.mocks.contracts import Compiled, CompiledOperation
from harness.mocks.messages import Reply, Request
from harness.model.mock import MockSettings


class Blueprint:
    """Which operations create, read, change and delete which resources."""

    def __init__(self, compiled: Compiled, settings: MockSettings) -> None:
        self.compiled = compiled
        self.settings = settings


class Resources:
    """The resources of one session."""

    def __init__(self, blueprint: Blueprint, session: str) -> None:
        self._blueprint = blueprint
        self._session = session

    def answer(self, operation: CompiledOperation, request: Request, in_path: Mapping[str, str]) -> Reply | None:
        return None
