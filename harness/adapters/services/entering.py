"""Whether a service lets us in by its own protocol, and what it says it is."""

from harness.adapters.services.access import Access, NoEntryError
from harness.adapters.services.amqp_wire import broker_version
from harness.adapters.services.postgres_wire import Postgres
from harness.model.service import Preset


def enter(preset: Preset, access: Access) -> str:
    """Sign in, ask one question, leave; gives product and version. NoEntryError where any of it failed."""
    match preset:
        case Preset.POSTGRESQL:
            with Postgres(access) as session:
                if session.run("SELECT 1") != (("1",),):
                    raise NoEntryError("it does not know what 1 is", refused=True)
                return f"PostgreSQL {session.version}"
        case Preset.RABBITMQ:
            return f"RabbitMQ {broker_version(access)}"


def play(access: Access, sql: str) -> None:
    """Run the statements of one init file; NoEntryError with what the server said."""
    with Postgres(access, deadline_s=60.0) as session:
        session.run(sql)
