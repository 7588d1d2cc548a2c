"""Mocks inside a test's own process: the same definitions, rules and journal as over the network, without a socket.

    from harness.kit.mocks import mocked

    def test_an_order_reserves_stock():
        with mocked("mocks/erp", "http://erp.example") as erp:       # whoever uses `requests`
            place_order()
        assert erp.calls("reserveStock") == 1

For httpx: `httpx.Client(transport=transport(InProcessMock("mocks/erp"), "http://erp.example"))`.
Leaving `mocked` raises `MockBroken` where a request broke the contract or a stub lied.
"""

from harness.kit.mocks.in_process import InProcessMock, Interaction, MockBroken
from harness.kit.mocks.with_httpx import transport
from harness.kit.mocks.with_responses import mocked

__all__ = ["InProcessMock", "Interaction", "MockBroken", "mocked", "transport"]
