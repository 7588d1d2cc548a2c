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
    chosen = "faults" in table
    words = table.texts("faults", tuple(Misbehaviour))
    faults = tuple(one for word in words if (one := table.word("faults", word, Misbehaviour)) is not None)
    led: set[str] = set()
    leads = tuple(_lead(one, led) for one in table.tables("leads"))
    if not leads:
        table.missing("leads", "what leads to the dependency: a [[leads]] table with `to` and `steps`,")
    uncalled = table.texts("uncalled", ())
    for name in uncalled:
        if name in led:
            table.wrong("uncalled", f"`{name}` has a lead, so it is called")
    table.finish()
    table.raise_problems()
    return Matrix(
        deadline_s=deadline or _DEADLINE_S,
        faults=tuple(dict.fromkeys(faults)),
        leads=leads,
        chosen=chosen,
        uncalled=uncalled,
    )


def _lead(table: Table, led: set[str]) -> Lead:
    """One way there. An operation has one alone, by which its trials are known; `led` are those that have one."""
    lead = Lead(to=table.texts("to"), steps=table.texts("steps"), without=table.texts("without", ()))
    for key, listed in (("to", lead.to), ("steps", lead.steps)):
        if key in table and not listed:
            table.wrong(key, f"`{key}` names no operation")
    for number, name in enumerate(lead.to):
        if name in led or name in lead.to[:number]:
            table.wrong("to", f"`{name}` has a lead already: one leads to each operation")
    led.update(lead.to)
    table.finish()
    return lead
