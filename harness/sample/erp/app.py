"""The ERP over HTTP, by its contract."""

from collections.abc import Callable
from functools import partial

from harness.sample.answers import Answer, as_json, problem
from harness.sample.contracts import Operation, compile_contract, read_document
from harness.sample.erp.warehouse import NotEnough, Reservation, Warehouse, new_id
from harness.sample.reading import Headers, Request
from harness.sample.serving import Served

Changed = Callable[[str], None]


def erp_application(warehouse: Warehouse, changed: Changed) -> Served:
    """The ASGI application; `changed` is called with each product whose stock changed."""
    handlers = {
        "listStock": partial(_list_stock, warehouse),
        "getStock": partial(_get_stock, warehouse),
        "reserveStock": partial(_reserve, warehouse, changed),
        "releaseReservation": partial(_release, warehouse, changed),
        "createSalesOrder": partial(_create_sales_order, warehouse),
    }
    return Served(compile_contract(read_document("erp.openapi.yaml")), handlers, _anybody, rephrase=_as_it_is)


async def _list_stock(warehouse: Warehouse, request: Request) -> Answer:
    del request
    return as_json({"items": [{"sku": sku, "available": left} for sku, left in warehouse.stock.items()]})


async def _get_stock(warehouse: Warehouse, request: Request) -> Answer:
    sku = request.path["sku"]
    if sku not in warehouse.stock:
        return problem(404, f"There is no product {sku}.")
    return as_json({"sku": sku, "available": warehouse.stock[sku]})


async def _reserve(warehouse: Warehouse, changed: Changed, request: Request) -> Answer:
    quantities: dict[str, int] = {}
    for line in request.body["lines"]:
        quantities[line["sku"]] = quantities.get(line["sku"], 0) + int(line["quantity"])
    try:
        made = warehouse.reserve(
            request.body["reference"], quantities, moves_goods=request.headers.get("x-tenant") != "sandbox"
        )
    except NotEnough as error:
        return problem(409, str(error))
    _tell(made, changed)
    return as_json({"id": made.id, "reference": made.reference, "status": "reserved"}, status=201)


async def _release(warehouse: Warehouse, changed: Changed, request: Request) -> Answer:
    held = warehouse.reservations.get(request.path["reservationId"])
    if held is None or not warehouse.release(held.id):
        return problem(404, "There is no such reservation.")
    _tell(held, changed)
    return Answer(status=204)


def _tell(reservation: Reservation, changed: Changed) -> None:
    if reservation.moves_goods:
        for sku in reservation.quantities:
            changed(sku)


async def _create_sales_order(warehouse: Warehouse, request: Request) -> Answer:
    held = warehouse.reservations.get(request.body["reservationId"])
    if held is None or held.reference != request.body["reference"]:
        return problem(404, "There is no such reservation for this order.")
    return as_json({"id": new_id("so"), "reference": held.reference, "status": "open"}, status=201)


def _anybody(operation: Operation, headers: Headers) -> None:
    del operation, headers


def _as_it_is(operation: Operation, answer: Answer) -> Answer:
    del operation
    return answer
