"""`[services.<name>]` of a tier file to a Service: which kinds, in order, and what each of them needs.

A kind that could never work is a problem where it is written, not at the start of a run: `external` without a
URL, `embedded` without what the system is told, a container's setting where no container is allowed.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from harness.errors import Place
from harness.formats import units
from harness.formats.toml_table import Table
from harness.model.secret import SecretRef
from harness.model.service import IMAGES, PORTS, Kind, Preset, Service

SCHEMES = {Preset.POSTGRESQL: ("postgresql", "postgres"), Preset.RABBITMQ: ("amqp", "amqps")}
_DEFAULT_KINDS = ("container", "process")
_READY_S = 120.0  # brokers take their time on a busy machine

ReadSecret = Callable[[Table, str], SecretRef | None]
ReadPath = Callable[[Table, str], str | None]


def read_service(name: str, table: Table, secret: ReadSecret, path: ReadPath) -> Service | None:
    """One service; None where its preset is unknown, which is then noted as a problem.

    `secret` reads a reference and `path` a workspace path, as everywhere else in the tier's file.
    """
    preset = table.one_of("preset", Preset)
    kinds = _kinds(table)
    port = table.integer("port", PORTS.get(preset, 1) if preset else 1)
    service = Service(
        name=name,
        preset=preset or Preset.POSTGRESQL,
        kinds=kinds,
        image=table.text("image", IMAGES[preset] if preset else "-"),
        port=port,
        url=_url(table, preset, secret),
        embedded=table.optional_text("embedded"),
        env=_environment(table, secret),
        init=_files(table, path),
        binaries=table.optional_text("binaries"),
        ready_s=table.quantity("ready", units.seconds, _READY_S) or _READY_S,
        dockerfile=path(table, "dockerfile"),
        volumes=_volumes(table, path),
        reuse=table.flag("reuse", False),
        own_database=table.flag("own-database", False),
    )
    _must_fit(table, service)
    table.finish()
    return service if preset else None


def _kinds(table: Table) -> tuple[Kind, ...]:
    found: list[Kind] = []
    for text in table.texts("kinds", _DEFAULT_KINDS):
        kind = table.word("kinds", text, Kind)
        if kind in found:
            table.wrong("kinds", f"`{text}` is named twice")
        elif kind is not None:
            found.append(kind)
    if "kinds" in table and not table.texts("kinds"):
        table.wrong("kinds", "no kind is named, so the service could never stand", 'for example ["container"]')
    return tuple(found)


def _url(table: Table, preset: Preset | None, secret: ReadSecret) -> str | SecretRef | None:
    value = table.raw("url")
    if value is None or not isinstance(value, str):
        return None if value is None else secret(table, "url")
    parts = urlsplit(value)
    schemes = SCHEMES[preset] if preset else ()
    if schemes and (parts.scheme not in schemes or not parts.hostname):
        table.wrong("url", f"`url` of a {preset} service must be {schemes[0]}://…, not {value!r}")
    elif parts.password is not None:
        table.wrong(
            "url", "`url` holds a password; a secret is always a reference", 'for example url = { env = "DB_URL" }'
        )
    return value


def _environment(table: Table, secret: ReadSecret) -> tuple[tuple[str, str | SecretRef], ...]:
    variables = table.table("env")
    env: list[tuple[str, str | SecretRef]] = []
    for key in variables.keys() if variables is not None else ():
        value = variables.raw(key) if variables is not None else None
        if isinstance(value, str):
            env.append((key, value))
        elif variables is not None and (reference := secret(variables, key)) is not None:
            env.append((key, reference))
    return tuple(env)


def _files(table: Table, path: ReadPath) -> tuple[str, ...]:
    names = table.texts("init", ())
    read = [path(_One(table, "init", name), "init") for name in names]
    return tuple(one for one in read if one is not None)


def _volumes(table: Table, path: ReadPath) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for text in table.texts("volumes", ()):
        ours, _, inside = text.partition(":")
        read = path(_One(table, "volumes", ours), "volumes") if ours else None
        if not inside.startswith("/") or ":" in inside:
            hint = 'for example "../db/files:/files"; a container only reads them'
            table.wrong("volumes", f"`{text}` is no path of the workspace and place in the container", hint)
        elif read is not None:
            found.append((read, inside))
    return tuple(found)


class _One(Table):
    """A list's element as if it were the value of its key, so that one reader of paths serves both."""

    def __init__(self, table: Table, key: str, value: str) -> None:
        super().__init__({key: value}, file=table.file, lines=(), places={}, path=table.path, problems=table.problems)
        self._outer = table

    def place(self, key: str | None = None) -> Place:
        """Where the list stands."""
        return self._outer.place(key)


def _must_fit(table: Table, service: Service) -> None:
    needed = {Kind.EXTERNAL: ("url", service.url), Kind.EMBEDDED: ("embedded", service.embedded)}
    for kind, (key, value) in needed.items():
        if kind in service.kinds and value is None:
            table.wrong("kinds", f"kind `{kind}` needs `{key}`, and `{service.name}` gives none")
        elif kind not in service.kinds and key in table:
            table.wrong(key, f"`{key}` is for the kind `{kind}`, which `kinds` does not name")
    _must_fit_container(table, service)
    if Kind.EMBEDDED in service.kinds and service.kinds[-1] is not Kind.EMBEDDED:
        table.wrong("kinds", "`embedded` always works: what stands after it would never be tried")
    if not 1 <= service.port <= 65535:
        table.wrong("port", f"`port` must be 1 to 65535, not {service.port}")
    if service.init and service.preset is not Preset.POSTGRESQL:
        table.wrong("init", f"`init` files are SQL, and a {service.preset} service plays none")
    if not service.image.strip() or any(char.isspace() for char in service.image):
        table.wrong("image", f"`image` must name an image, not {service.image!r}", 'for example "postgres:16"')


def _must_fit_container(table: Table, service: Service) -> None:
    for key in ("dockerfile", "volumes", "reuse"):
        if key in table and Kind.CONTAINER not in service.kinds:
            table.wrong(key, f"`{key}` is for the kind `container`, which `kinds` does not name")
    if "dockerfile" in table and "image" in table:
        table.wrong("dockerfile", "an image is named or built, not both", "leave out `image` or `dockerfile`")
    if service.own_database and Kind.EXTERNAL not in service.kinds:
        table.wrong("own-database", "`own-database` is for the kind `external`, which `kinds` does not name")
    for key, wanted in (("reuse", service.reuse), ("own-database", service.own_database)):
        if wanted and service.preset is not Preset.POSTGRESQL:
            table.wrong(key, f"`{key}` gives each run a database of its own, and a {service.preset} service has none")
