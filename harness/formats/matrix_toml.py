"""`mocks/<name>/matrix.toml`: what leads to the dependency, and which failures of it the system must survive.

A file of its own: what is tried changes nothing of what the mock answers, so its certificate holds on.
"""

from harness.formats import units
from harness.formats.toml_table import Table, read_toml
from harness.model.matrix import Lead, Matrix, Misbehaviour

FILE = "matrix.toml"
_DEADLINE_S = 5.0


def read_matrix(body: bytes, file: str) -> Matrix:
    """The matrix of a mock; every problem at once."""
    table = read_toml(body, file)
    deadline = table.quantity("deadline", units.seconds, _DEADLINE_S)
    words = table.texts("faults", tuple(Misbehaviour))
    faults = tuple(one for word in words if (one := table.word("faults", word, Misbehaviour)) is not None)
    leads = tuple(_lead(one) for one in table.tables("leads"))
    if not leads:
        table.missing("leads", "what leads to the dependency: a [[leads]] table with `to` and `steps`,")
    table.finish()
    table.raise_problems()
    return Matrix(deadline_s=deadline or _DEADLINE_S, faults=faults, leads=leads)


def _lead(table: Table) -> Lead:
    lead = Lead(to=table.texts("to"), steps=table.texts("steps"), without=table.texts("without", ()))
    for key, listed in (("to", lead.to), ("steps", lead.steps)):
        if key in table and not listed:
            table.wrong(key, f"`{key}` names no operation")
    table.finish()
    return lead
