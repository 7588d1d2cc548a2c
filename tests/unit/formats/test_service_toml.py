"""A service is read with its defaults, or refused where it could never stand; a variable names another image."""

import pytest

from harness.errors import HarnessError
from harness.formats.service_text import stood_text
from harness.formats.tier_toml import read_tier
from harness.model.secret import SecretRef
from harness.model.service import Fell, Kind, Preset, Stood

HEAD = '[systems.hub]\nbase-url = "https://hub.example"\n[policy]\nsuites = ["contract"]\n[services.db]\n'
DEFAULTS = "environments/defaults.toml"


def read(text: str, defaults: str = "", **environment: str):
    layers = ((DEFAULTS, defaults.encode()), ("environments/test.toml", (HEAD + text).encode()))
    return read_tier("test", layers, environment).services[0]


def problems(text: str) -> list[str]:
    with pytest.raises(HarnessError) as error:
        read(text)
    return [problem.message for problem in error.value.problems]


def test_a_preset_is_enough():
    service = read('preset = "postgresql"')
    assert (service.name, service.preset, service.kinds) == ("db", Preset.POSTGRESQL, (Kind.CONTAINER, Kind.PROCESS))
    assert (service.image, service.port, service.url, service.init) == ("postgres:16", 5432, None, ())
    assert read('preset = "rabbitmq"').port == 5672


def test_a_variable_names_another_image_whether_or_not_the_file_names_one():
    for text in ('preset = "postgresql"', 'preset = "postgresql"\nimage = "postgres:15"'):
        assert read(text, HARNESS_SERVICES_DB_IMAGE="own/pg:1").image == "own/pg:1"
    assert read('preset = "postgresql"', HARNESS_SERVICES_DB_KINDS="process").kinds == (Kind.PROCESS,)


def test_the_tier_says_more_of_a_service_than_the_defaults_and_keeps_the_rest():
    defaults = '[services.db]\npreset = "postgresql"\nimage = "postgres:15"\nenv = { TZ = "UTC" }'
    service = read('env = { LANG = "C" }', defaults)
    assert (service.image, dict(service.env)) == ("postgres:15", {"TZ": "UTC", "LANG": "C"})


def test_paths_are_of_the_workspace_and_secrets_are_references():
    text = 'preset = "postgresql"\nkinds = ["external"]\nurl = { env = "DB_URL" }\ninit = "../db/tables.sql"'
    assert read(text).init == ("db/tables.sql",)
    assert read(text).url == SecretRef(kind="env", at="DB_URL")


def test_a_container_is_built_mounted_and_kept_as_the_tier_says():
    text = 'preset = "postgresql"\ndockerfile = "../db/Dockerfile"\nvolumes = ["../db/files:/files"]\nreuse = true'
    service = read(text)
    assert (service.dockerfile, service.volumes, service.reuse) == ("db/Dockerfile", (("db/files", "/files"),), True)
    assert (read('preset = "postgresql"').reuse, read('preset = "postgresql"').own_database) == (False, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kinds = ["process"]', "`preset` is missing in `services.db`: a text is needed"),
        ('preset = "postgres"', "`postgres` is not one of postgresql, rabbitmq"),
        ('preset = "rabbitmq"\nkinds = ["external"]', "kind `external` needs `url`, and `db` gives none"),
        ('preset = "rabbitmq"\nkinds = ["embedded"]', "kind `embedded` needs `embedded`, and `db` gives none"),
        ('preset = "rabbitmq"\nurl = "amqp://b"', "`url` is for the kind `external`, which `kinds` does not name"),
        ('preset = "rabbitmq"\nkinds = ["process", "process"]', "`process` is named twice"),
        ('preset = "rabbitmq"\nkinds = []', "no kind is named, so the service could never stand"),
        (
            'preset = "postgresql"\nkinds = ["embedded", "process"]\nembedded = "x"',
            "`embedded` always works: what stands after it would never be tried",
        ),
        (
            'preset = "postgresql"\nkinds = ["external"]\nurl = "postgresql://u:p@h/d"',
            "`url` holds a password; a secret is always a reference",
        ),
        ('preset = "rabbitmq"\ninit = "../a.sql"', "`init` files are SQL, and a rabbitmq service plays none"),
        ('preset = "postgresql"\ninit = "../../a.sql"', "`../../a.sql` leads out of the workspace"),
        (
            'preset = "postgresql"\nkinds = ["process"]\nreuse = true',
            "`reuse` is for the kind `container`, which `kinds` does not name",
        ),
        (
            'preset = "postgresql"\nimage = "a"\ndockerfile = "../db/Dockerfile"',
            "an image is named or built, not both",
        ),
        (
            'preset = "postgresql"\nvolumes = "../db/files"',
            "`../db/files` is no path of the workspace and place in the container",
        ),
        ('preset = "postgresql"\nvolumes = "../../etc:/files"', "`../../etc` leads out of the workspace"),
        (
            'preset = "postgresql"\nown-database = true',
            "`own-database` is for the kind `external`, which `kinds` does not name",
        ),
        (
            'preset = "rabbitmq"\nreuse = true',
            "`reuse` gives each run a database of its own, and a rabbitmq service has none",
        ),
        ('preset = "postgresql"\nimage = " "', "`image` must name an image, not ' '"),
        ('preset = "postgresql"\nport = 70000', "`port` must be 1 to 65535, not 70000"),
        ('preset = "postgresql"\nimgae = "x"', "unknown key `imgae` in `services.db`"),
    ],
)
def test_what_could_never_stand_is_refused_where_it_is_written(text, message):
    assert message in problems(text)


def test_how_a_service_stood_is_said_in_both_languages_with_what_did_not_work():
    stood = Stood(
        name="db",
        preset=Preset.POSTGRESQL,
        kind=Kind.PROCESS,
        version="PostgreSQL 16.4",
        fell=(Fell(kind=Kind.CONTAINER, why="no Docker engine"),),
    )
    assert stood_text(stood) == "db: PostgreSQL 16.4 as a process of this machine; no container: no Docker engine"
    assert stood_text(stood, "zh") == "db：PostgreSQL 16.4（本机进程）；未用 container：no Docker engine"
    image = Stood(
        name="q", preset=Preset.RABBITMQ, kind=Kind.CONTAINER, image="rabbitmq:3", digest="sha256:" + "a" * 64
    )
    assert stood_text(image) == f"q: rabbitmq in a container; rabbitmq:3, sha256:{'a' * 12}"
