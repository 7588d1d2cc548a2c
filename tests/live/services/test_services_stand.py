"""Databases and brokers underneath: each kind stands by its own protocol, falls to the next aloud, leaves nothing."""

import socket
from dataclasses import replace

import pytest

from harness.adapters.host import Host
from harness.adapters.services.access import NoEntryError
from harness.adapters.services.engine import find_engine
from harness.adapters.services.entering import enter
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
