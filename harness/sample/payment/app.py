"""The payment provider over HTTP, by its contract."""

from functools import partial

from harness.sample.answers import Answer, as_json, problem
from harness.sample.contracts import Operation, compile_contract, read_document
from harness.sample.payment.till import Charge, Declined, Till
from harness.sample.reading import Headers, Request
from harness.sample.serving import Served


def payment_application(till: Till) -> Served:
    """The ASGI application."""
    handlers = {
        "createCharge": partial(_create_charge, till),
        "getCharge": partial(_get_charge, till),
        "refundCharge": partial(_refund_charge, till),
    }
    return Served(compile_contract(read_document("payment.openapi.yaml")), handlers, _anybody, rephrase=_as_it_is)


async def _create_charge(till: Till, request: Request) -> Answer:
    given = request.body
    try:
        charge = till.charge(given["reference"], int(given["amountCents"]), given["source"])
    except Declined as error:
        return problem(402, str(error))
    return as_json(_shown(charge), status=201)


async def _get_charge(till: Till, request: Request) -> Answer:
    return _found(till.charges.get(request.path["chargeId"]))


async def _refund_charge(till: Till, request: Request) -> Answer:
    return _found(till.refund(request.path["chargeId"]))


def _found(charge: Charge | None) -> Answer:
    return problem(404, "There is no such charge.") if charge is None else as_json(_shown(charge))


def _shown(charge: Charge) -> dict[str, object]:
    return {
        "id": charge.id,
        "reference": charge.reference,
        "amountCents": charge.amount_cents,
        "status": charge.status,
    }


def _anybody(operation: Operation, headers: Headers) -> None:
    del operation, headers


def _as_it_is(operation: Operation, answer: Answer) -> Answer:
    del operation
    return answer
