"""The hub as one ASGI application: the API by its contract, the page under `/app`."""

from collections.abc import Awaitable, Callable, Mapping

from harness.sample import catalogue, customers, desk, invoices, orders
from harness.sample.answers import Answer, as_json, unavailable
from harness.sample.contracts import Operation, compile_contract, read_document
from harness.sample.database import NoConnection
from harness.sample.hub import Hub
from harness.sample.loosening import loosened
from harness.sample.page import Page
from harness.sample.reading import Request
from harness.sample.serving import Handler, Receive, Scope, Send, Served, guarded, send_answer

HubHandler = Callable[[Hub, Request], Awaitable[Answer]]

HANDLERS: Mapping[str, HubHandler] = {
    "issueToken": desk.issue_token,
    "getHealth": desk.get_health,
    "getVersion": desk.get_version,
    "reportStock": desk.report_stock,
    "listProducts": catalogue.list_products,
    "listCustomers": customers.list_customers,
    "createCustomer": customers.create_customer,
    "getCustomer": customers.get_customer,
    "replaceCustomer": customers.replace_customer,
    "listOrders": orders.list_orders,
    "createOrder": orders.create_order,
    "getOrder": orders.get_order,
    "cancelOrder": orders.cancel_order,
    "issueInvoice": invoices.issue_invoice,
    "listInvoices": invoices.list_invoices,
    "getInvoice": invoices.get_invoice,
    "payInvoice": invoices.pay_invoice,
    "deleteCustomer": customers.delete_customer,  # reached through a fault only
}


class Application:
    """Routes between API and page, and closes what the hub holds when the server ends."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        contract = compile_contract(loosened(read_document("orders.openapi.yaml"), hub.faults))
        handlers = {operation.id: _bound(hub, HANDLERS[operation.id]) for operation in contract.operations()}
        self._api = Served(contract, handlers, hub.authorise, rephrase=_as_oauth)
        self._page = Page(hub)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's event: a request, or the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/app" or scope["path"].startswith("/app/"):
            await send_answer(send, await guarded(scope, self._page.answer(scope, receive)))
        else:
            await self._api(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.hub.messages.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.messages.close()
        if self.hub.erp is not None:
            self.hub.erp.close()
        if self.hub.payments is not None:
            self.hub.payments.close()
        self.hub.store.database.close()
        await send({"type": "lifespan.shutdown.complete"})


def _as_oauth(operation: Operation, refusal: Answer) -> Answer:
    """RFC 6749 has its own shape for what is wrong with a token request."""
    if operation.id != "issueToken" or refusal.status != 400:
        return refusal
    error = {"error": "invalid_request", "error_description": "the request does not follow the contract"}
    return as_json(error, status=400)


def _bound(hub: Hub, handler: HubHandler) -> Handler:
    async def bound(request: Request) -> Answer:
        try:
            return await handler(hub, request)
        except NoConnection as error:
            return unavailable(f"The hub's store is busy: {error}.")

    return bound
