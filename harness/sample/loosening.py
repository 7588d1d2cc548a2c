"""Faults that accept too much: the program reads a contract that is laxer than the one it promises.

Only the copy that the program holds is changed; the file, and whoever tests by it, is not.
"""

from typing import Any

from harness.sample.faults import Fault


def loosened(document: dict[str, Any], faults: frozenset[Fault]) -> dict[str, Any]:
    """The document with those rules taken out that the faults forget; it is changed in place."""
    schemas, parameters = document["components"]["schemas"], document["components"]["parameters"]
    customer = document["paths"]["/customers/{customerId}"]
    if Fault.ZERO_QUANTITY_ACCEPTED in faults:
        del schemas["LineInput"]["properties"]["quantity"]["minimum"]
    if Fault.PAGE_ZERO_ACCEPTED in faults:
        del parameters["Page"]["schema"]["minimum"]
    if Fault.IF_MATCH_OPTIONAL in faults:
        customer["put"]["parameters"][0]["required"] = False
    if Fault.DELETE_NOT_REFUSED in faults:
        customer["delete"] = {"operationId": "deleteCustomer", "responses": {}}
    return document
