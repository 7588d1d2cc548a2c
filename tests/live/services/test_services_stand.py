"""Databases and brokers underneath: each kind stands by its own protocol, falls to the next aloud, leaves nothing."""

import socket
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from harness.adapters.host import Host
from harness.adapters.services.access import NoEntryError
from harness.adapters.services.engine import find_engine, owner
from harness.adapters.services.entering import enter
from harness.adapters.services.images import image_for
from harness.adapters.services.postgres_wire import Postgres
from harness.model.service import Kind, Preset
from tests.live.services.conftest import NO_DOCKER, containers_of

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
POSTGRES, RABBIT = Preset.POSTGRESQL, Preset.RABBITMQ


def without_docker() -> Host:
    return Host(environ={**Host().environ, "DOCKER_HOST": NO_DOCKER})


@pytest.mark.needs("postgresql")
def test_a_postgresql_process_lets_in_who_was_meant_and_nobody_else(beneath):
    one = beneath()
    one.up(POSTGRES, Kind.PROCESS)
    under = one.services.standing["db"]
    assert under.stood.kind is Kind.PROCESS
    assert under.stood.version.startswith("PostgreSQL 1")
    assert under.access.host == "127.0.0.1"
    with Postgres(under.access) as session:
        assert session.run("SELECT current_database()") == ((under.access.space,),)
    for wrong in (replace(under.access, password="other"), replace(under.access, space="nowhere")):
        with pytest.raises(NoEntryError) as refused:
            enter(POSTGRES, wrong)
        assert refused.value.refused


@pytest.mark.needs("postgresql")
def test_two_runs_at_once_share_nothing(beneath):
    first, second = beneath(), beneath()
    first.up(POSTGRES, Kind.PROCESS)
    second.up(POSTGRES, Kind.PROCESS)
    one, two = (each.services.standing["db"].access for each in (first, second))
    assert (one.port, one.password, one.space) != (two.port, two.password, two.space)
    with pytest.raises(NoEntryError):
        enter(POSTGRES, replace(one, port=two.port))


@pytest.mark.needs("rabbitmq")
def test_a_rabbitmq_process_opens_its_own_virtual_host_and_no_other(beneath):
    one = beneath()
    one.up(RABBIT, Kind.PROCESS)
    under = one.services.standing["db"]
    assert under.stood.version.startswith("RabbitMQ 3")
    for wrong in (replace(under.access, password="other"), replace(under.access, space="/")):
        with pytest.raises(NoEntryError):
            enter(RABBIT, wrong)


@pytest.mark.needs("docker")
@pytest.mark.parametrize(
    ("preset", "image"), [(POSTGRES, "HARNESS_SERVICES_DB_IMAGE"), (RABBIT, "HARNESS_SERVICES_QUEUE_IMAGE")]
)
def test_a_container_is_on_loopback_alone_and_named_with_its_digest(beneath, images, preset, image):
    one = beneath()
    one.up(preset, Kind.CONTAINER, Kind.PROCESS, image=images[image])
    under = one.services.standing["db"]
    assert (under.stood.kind, under.stood.image, under.stood.fell) == (Kind.CONTAINER, images[image], ())
    assert under.stood.digest.startswith("sha256:")
    (container,) = containers_of(one.services.processes.run)
    published = find_engine(Host().environ)._ask("GET", f"/containers/{container}/json")["NetworkSettings"]["Ports"]
    assert {where["HostIp"] for ports in published.values() for where in ports or ()} == {"127.0.0.1"}
    one.services.down()
    assert containers_of(one.services.processes.run) == ()


@pytest.mark.needs("postgresql")
def test_without_docker_the_next_kind_stands_and_says_so(beneath):
    one = beneath(without_docker())
    one.up(POSTGRES, Kind.CONTAINER, Kind.PROCESS)
    stood = one.services.standing["db"].stood
    assert stood.kind is Kind.PROCESS
    assert [(fell.kind, "no Docker engine answers" in fell.why) for fell in stood.fell] == [(Kind.CONTAINER, True)]
    assert "no container: no Docker engine" in one.told[0]


@pytest.mark.needs("postgresql", "docker")
def test_an_image_that_cannot_be_had_falls_to_the_next_kind_by_name(beneath):
    one = beneath()
    one.up(POSTGRES, Kind.CONTAINER, Kind.PROCESS, image="127.0.0.1:9/none:1")
    stood = one.services.standing["db"].stood
    assert stood.kind is Kind.PROCESS
    assert "the image 127.0.0.1:9/none:1 is not here and could not be fetched" in stood.fell[0].why


def test_where_no_kind_works_each_says_why_and_what_to_do(beneath):
    one = beneath(without_docker())
    one.up(POSTGRES, Kind.CONTAINER, Kind.PROCESS, binaries="/nowhere")
    assert "container: no Docker engine answers at unix:///nowhere/docker.sock" in one.why_not()
    assert "process: no postgres and initdb in /nowhere:" in one.why_not()


@pytest.mark.needs("postgresql")
def test_a_port_taken_at_the_last_moment_costs_a_second_try_only(beneath):
    with socket.create_server(("127.0.0.1", 0)) as somebody:

        class Unlucky(Host):
            asked = 0

            def free_port(self) -> int:
                Unlucky.asked += 1
                return somebody.getsockname()[1] if Unlucky.asked == 1 else Host().free_port()

        one = beneath(Unlucky())
        one.up(POSTGRES, Kind.PROCESS)
        assert Unlucky.asked == 2
        assert one.services.standing["db"].access.port != somebody.getsockname()[1]


@pytest.mark.needs("postgresql")
def test_somebody_elses_server_must_let_us_in(beneath):
    theirs, ours, wrong, gone = beneath(), beneath(), beneath(), beneath()
    theirs.up(POSTGRES, Kind.PROCESS)
    access = theirs.services.standing["db"].access
    ours.up(POSTGRES, Kind.EXTERNAL, url=access.url(POSTGRES))
    assert ours.services.standing["db"].stood.kind is Kind.EXTERNAL
    assert ours.services.standing["db"].url == access.url(POSTGRES)
    wrong.up(POSTGRES, Kind.EXTERNAL, url=replace(access, password="hunter2").url(POSTGRES), ready_s=2.0)
    assert "password authentication failed" in wrong.why_not()
    assert "hunter2" not in wrong.why_not()
    theirs.services.down()
    gone.up(POSTGRES, Kind.EXTERNAL, url=access.url(POSTGRES), ready_s=1.0)
    assert "not ready after 1 s" in gone.why_not()


def test_embedded_is_what_the_system_is_told_and_nothing_else(beneath):
    one = beneath()
    one.up(POSTGRES, Kind.EMBEDDED, embedded="sqlite://")
    assert one.services.standing["db"].url == "sqlite://"
    assert one.services.fallen() == {}


@pytest.mark.needs("postgresql")
def test_an_init_file_that_fails_is_told_with_what_the_server_said(beneath, tmp_path):
    (tmp_path / "tables.sql").write_text("CREATE TABEL items (name text);")
    one = beneath()
    one.up(POSTGRES, Kind.PROCESS, init=("tables.sql",))
    assert "the init file tables.sql could not be played: syntax error" in one.why_not()


@pytest.mark.needs("docker")
def test_an_image_is_built_from_the_workspaces_dockerfile_once_and_finds_its_files(beneath, images, tmp_path):
    folder = tmp_path / "db"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {images['HARNESS_SERVICES_DB_IMAGE']}\nCOPY hello /hello\nVOLUME /more\n")
    (folder / "hello").write_text("built\n")
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "note").write_text("mounted\n")
    made = {"dockerfile": "db/Dockerfile", "volumes": (("seen", "/seen"),)}
    one = beneath()
    service = one.up(POSTGRES, Kind.CONTAINER, **made)
    stood = one.services.standing["db"].stood
    assert stood.image.startswith("harness-built/db:")
    with Postgres(one.services.standing["db"].access) as session:
        assert session.run("SELECT pg_read_file('/hello')") == (("built\n",),)
        assert session.run("SELECT pg_read_file('/seen/note')") == (("mounted\n",),)
    engine = find_engine(Host().environ)
    (container,) = containers_of(one.services.processes.run)
    mounts = engine._ask("GET", f"/containers/{container}/json")["Mounts"]
    (volume,) = (mount["Name"] for mount in mounts if mount["Type"] == "volume" and mount["Destination"] == "/more")
    assert volume in volumes()
    one.services.down()
    assert volume not in volumes()
    assert image_for(engine, service, tmp_path) == (stood.image, engine.image(stood.image))  # nothing is built again
    (folder / "hello").write_text("changed\n")
    changed, (_, digest) = image_for(engine, service, tmp_path)
    assert digest != stood.digest
    for image in (stood.image, changed):
        subprocess.run(["docker", "rmi", image], capture_output=True, check=True)


@pytest.mark.needs("docker")
def test_a_dockerfile_that_cannot_be_built_falls_to_the_next_kind_by_what_it_said(beneath, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM 127.0.0.1:9/none:1\n")
    one = beneath()
    one.up(POSTGRES, Kind.CONTAINER, Kind.EMBEDDED, dockerfile="Dockerfile", embedded="sqlite://")
    assert "could not be built" in one.services.standing["db"].stood.fell[0].why
    two = beneath()
    two.up(POSTGRES, Kind.CONTAINER, Kind.EMBEDDED, dockerfile="nowhere/Dockerfile", embedded="sqlite://")
    assert "there is no Dockerfile at" in two.services.standing["db"].stood.fell[0].why


def volumes() -> list[str]:
    """All of this machine's engine."""
    return subprocess.check_output(["docker", "volume", "ls", "-q"], text=True).split()


def kept_containers(service: str) -> list[str]:
    """The containers that a test keeps for a service of this name."""
    found = ["docker", "ps", "-aq", "--filter", "label=harness.kept", "--filter", f"label=harness.service={service}"]
    return subprocess.check_output(found, text=True).split()


@pytest.mark.needs("docker")
def test_a_kept_container_is_shared_by_runs_outlives_them_without_their_databases_and_goes_on_when_stopped(
    beneath, images
):
    name = f"shared-{uuid.uuid4().hex[:8]}"
    wanted = {"name": name, "image": images["HARNESS_SERVICES_DB_IMAGE"], "reuse": True}
    both = beneath(), beneath()
    try:
        with ThreadPoolExecutor(2) as pool:
            tuple(pool.map(lambda one: one.up(POSTGRES, Kind.CONTAINER, **wanted), both))
        one, two = (each.services.standing[name].access for each in both)
        assert all(each.services.standing[name].stood.kept for each in both)
        assert (one.port, one.password) == (two.port, two.password)
        assert one.space != two.space
        (container,) = kept_containers(name)
        with Postgres(one) as session:
            session.run("CREATE TABLE items (name text)")
        both[0].services.down()
        with Postgres(two) as session:  # the end of one run takes nothing from the other
            assert databases(session) == [two.space]
            assert session.run("SELECT relname FROM pg_class WHERE relname = 'items'") == ()
        both[1].services.down()
        subprocess.run(["docker", "stop", "-t", "0", container], capture_output=True, check=True)
        later, other = beneath(), beneath()
        later.up(POSTGRES, Kind.CONTAINER, **wanted)
        three = later.services.standing[name].access
        assert three.password == one.password
        with Postgres(three) as session:
            assert databases(session) == [three.space]
        assert kept_containers(name) == [container]
        other.up(POSTGRES, Kind.CONTAINER, **wanted, env=(("TZ", "UTC"),))
        assert len(kept_containers(name)) == 2  # control: another wish, another container
    finally:
        subprocess.run(["docker", "rm", "-fv", *kept_containers(name)], capture_output=True)


@pytest.mark.needs("postgresql")
def test_on_somebody_elses_server_each_run_has_a_database_of_its_own_and_killed_ones_are_dropped(beneath):
    theirs = beneath()
    theirs.up(POSTGRES, Kind.PROCESS)
    access = theirs.services.standing["db"].access
    wanted = {"url": access.url(POSTGRES), "own_database": True}
    with Postgres(access) as session:
        ours = owner(Host().scratch_root())
        for name, whose in {"harness_killed": ours, "harness_others": "0@elsewhere", "precious": ours}.items():
            session.run(f"CREATE DATABASE {name}")
            session.run(f"COMMENT ON DATABASE {name} IS '{whose}'")
    one, two = beneath(), beneath()
    one.up(POSTGRES, Kind.EXTERNAL, **wanted)
    two.up(POSTGRES, Kind.EXTERNAL, **wanted)
    spaces = [each.services.standing["db"].access.space for each in (one, two)]
    assert one.services.standing["db"].url.endswith(f"/{spaces[0]}")
    assert "somebody else's, a database of its own there" in one.told[0]
    with Postgres(access) as session:
        assert databases(session) == sorted([*spaces, access.space, "harness_others", "precious"])
        one.services.down()
        two.services.down()
        assert databases(session) == sorted([access.space, "harness_others", "precious"])


@pytest.mark.needs("postgresql")
def test_a_user_who_may_make_no_database_is_told_so(beneath):
    theirs, ours = beneath(), beneath()
    theirs.up(POSTGRES, Kind.PROCESS)
    access = theirs.services.standing["db"].access
    with Postgres(access) as session:
        session.run("CREATE ROLE plain LOGIN PASSWORD 'plain-password'")
    url = replace(access, user="plain", password="plain-password").url(POSTGRES)
    ours.up(POSTGRES, Kind.EXTERNAL, url=url, own_database=True)
    assert "makes no database of our own: permission denied" in ours.why_not()


def databases(session: Postgres) -> list[str]:
    """All but those that a server begins with."""
    rows = session.run("SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')")
    return sorted(name for (name,) in rows if name != "harness")
