"""Real processes: deadlines are wall time, nothing is left behind, secrets stay out of sight."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.leftovers import sweep
from harness.adapters.marks import end_marked
from harness.adapters.processes import Processes, claimed, is_claimed
from harness.model.process import Command

SOON_S = 30.0  # far less than what the processes below would take by themselves
FOREVER_S = 600
PYTHON = sys.executable

DAEMON = f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1] + ".part", "w").write(str(os.getpid()))
        os.rename(sys.argv[1] + ".part", sys.argv[1])
        time.sleep({FOREVER_S})
    os._exit(0)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
"""


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def processes(host, tmp_path) -> Iterator[Processes]:
    made = Processes(host, f"test-{tmp_path.name}-{os.getpid()}", tmp_path / "scratch")
    yield made
    made.close()


def python(code: str, *args: str, **more: object) -> Command:
    return Command(argv=(PYTHON, "-c", code, *args), **more)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(claim, seconds: float = SOON_S) -> bool:
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(claim())


def test_what_a_process_said_and_left_comes_back(processes):
    code = "import sys; print('out'); print('err', file=sys.stderr); open('r.json','w').write('{}'); sys.exit(3)"
    ended = processes.spawn(python(code, collect=("*.json", "*.xml")), "contract:hub")
    assert (ended.exit_status, ended.stdout, ended.stderr) == (3, b"out\n", b"err\n")
    assert (ended.files, ended.missing) == ({"r.json": b"{}"}, ("*.xml",))
    assert (ended.killed_by, ended.timed_out, ended.interrupted, ended.left_behind) == (None, False, False, 0)
    assert 0 < ended.started_ms <= ended.ended_ms


def test_it_works_in_a_private_directory_that_is_gone_afterwards(processes):
    code = "import os, stat; print(os.getcwd(), oct(stat.S_IMODE(os.stat('.').st_mode)), os.environ['HOME'])"
    where, mode, home = processes.spawn(python(code), "contract:hub").stdout.decode().split()
    assert mode == "0o700"
    assert home == f"{where}/home"
    assert Path(where).parent == processes.scratch
    assert not Path(where).exists()


def test_files_are_laid_out_for_nobody_else_and_places_are_filled(processes):
    code = (
        "import os, stat, sys; f = open(sys.argv[1]); print(oct(stat.S_IMODE(os.fstat(f.fileno()).st_mode)), f.read())"
    )
    command = python(code, "{scratch}/sub/token", files={"sub/token": b"t0p"}, env={"WHERE": "{scratch}/x"})
    assert processes.spawn(command, "contract:hub").stdout == b"0o600 t0p\n"
    shown = processes.spawn(python("import os; print(os.environ['WHERE'])", env={"WHERE": "{scratch}/x"}), "a")
    assert shown.stdout.decode().strip() == f"{processes.scratch}/a/x"


def test_nothing_of_our_environment_goes_along_but_what_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CRM_TOKEN", "t0p")
    made = Processes(Host(), "test-env", tmp_path / "s")
    ended = made.spawn(python("import os; print(sorted(os.environ))", env={"GIVEN": "1"}), "a")
    made.close()
    names = set(eval(ended.stdout))
    assert {"GIVEN", "HOME", "TMPDIR", "PATH", "HARNESS_RUN", "HARNESS_JOB"} <= names
    assert "CRM_TOKEN" not in names
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH"}
    assert names <= allowed | {
        "GIVEN",
        "HOME",
        "TMPDIR",
        "HARNESS_RUN",
        "HARNESS_JOB",
        "PYTHONUNBUFFERED",
        "VIRTUAL_ENV",
    }


def test_a_secret_in_the_environment_is_in_no_argument_of_any_process(processes):
    seen: list[bytes] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    body = path.read_bytes()
                except OSError:
                    continue
                if b"watch-me-closely" in body:
                    seen.append(body)
            time.sleep(0.005)

    watcher = threading.Thread(target=look)
    watcher.start()
    code = "import os, time; time.sleep(0.5); print(os.environ['TOKEN'])"
    ended = processes.spawn(python(code, "watch-me-closely", env={"TOKEN": "s3cr3t-value"}), "a")
    done.set()
    watcher.join()
    assert ended.stdout == b"s3cr3t-value\n"
    assert seen
    assert not [body for body in seen if b"s3cr3t-value" in body]


@pytest.mark.parametrize(
    "code",
    [
        f"import time; time.sleep({FOREVER_S})",
        f"import time\nfor _ in range({FOREVER_S}): print('still here', flush=True); time.sleep(0.1)",
        f"import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); time.sleep({FOREVER_S})",
    ],
    ids=["silent", "talking", "deaf to SIGTERM"],
)
def test_a_deadline_is_wall_time_whatever_the_process_does(processes, code):
    began = time.monotonic()
    ended = processes.spawn(python(code, deadline_s=0.5), "a")
    assert time.monotonic() - began < SOON_S
    assert ended.timed_out
    assert not ended.interrupted
    assert ended.killed_by in {"SIGTERM", "SIGKILL"}


def test_what_it_wrote_before_its_deadline_is_kept(processes):
    code = f"import time; open('r.txt','w').write('so far'); print('said', flush=True); time.sleep({FOREVER_S})"
    ended = processes.spawn(python(code, deadline_s=1.5, collect=("r.txt",)), "a")
    assert (ended.timed_out, ended.files, ended.stdout) == (True, {"r.txt": b"so far"}, b"said\n")


def test_a_daemon_that_left_its_session_is_found_and_ended(processes, tmp_path):
    ended = processes.spawn(python(DAEMON, str(tmp_path / "pid")), "a")
    assert ended.exit_status == 0
    assert ended.left_behind == 1
    pid = int((tmp_path / "pid").read_text())
    assert until(lambda: not alive(pid))


def test_a_child_that_stayed_in_the_group_is_ended_too(processes, tmp_path):
    code = f"""
import os, sys, time
if os.fork() == 0:
    time.sleep({FOREVER_S})
open(sys.argv[1], "w").write(str(os.getpid()))
"""
    processes.spawn(python(code, str(tmp_path / "pid")), "a")
    assert until(lambda: not any(mark for mark in marks() if mark == f"{processes.run}/a"))


def test_a_job_that_ends_leaves_alone_a_job_whose_name_begins_the_same(processes):
    """`contract:orders` and `contract:orders-eu` run side by side."""
    ready = processes.scratch / "contract-orders-eu" / "ready"
    waits = "import os, time; open('ready','w')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('whole')"
    other: list[object] = []
    thread = threading.Thread(target=lambda: other.append(processes.spawn(python(waits), "contract:orders-eu")))
    thread.start()
    assert until(ready.exists)
    processes.spawn(python("pass"), "contract:orders")
    (ready.parent / "go").touch()
    thread.join()
    assert [(one.exit_status, one.stdout) for one in other] == [(0, b"whole\n")]


def test_jobs_whose_names_differ_only_in_signs_do_not_share_a_directory(processes):
    ready = {}
    ends = []
    for job in ("contract:a b", "contract:a-b", "contract:a/b"):
        where = python("import os; print(os.getcwd()); open('x', 'x')")
        ended = processes.spawn(where, job)
        ends.append(ended.exit_status)
        ready[job] = ended.stdout
    assert ends == [0, 0, 0]
    assert len(set(ready.values())) == 3


def test_an_interruption_is_asked_for_first_and_said(processes):
    code = f"""
import signal, sys, time
def asked(*_):
    print("tidied up", flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, asked)
open("ready", "w")
time.sleep({FOREVER_S})
"""
    threading.Thread(
        target=lambda: until((processes.scratch / "a" / "ready").exists) and processes.stop_all.set()
    ).start()
    ended = processes.spawn(python(code, deadline_s=FOREVER_S), "a")
    assert (ended.interrupted, ended.timed_out, ended.exit_status, ended.stdout) == (True, False, 0, b"tidied up\n")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (Command(argv=("/no/such/engine",)), 127),
        (Command(argv=("/etc/passwd",)), 127),
    ],
)
def test_an_engine_that_is_not_there_is_said(processes, command, status):
    ended = processes.spawn(command, "a")
    assert ended.exit_status == status
    assert command.argv[0].encode() in ended.stderr


def test_a_working_directory_that_is_not_there_is_said(processes, tmp_path):
    ended = processes.spawn(python("pass", workdir=str(tmp_path / "nowhere")), "a")
    assert ended.exit_status is None
    assert "nowhere" in (ended.cannot_start or "")


def test_a_value_that_no_environment_can_hold_is_said(processes):
    ended = processes.spawn(python("pass", env={"TOKEN": "a\0b"}), "a")
    assert ended.exit_status is None
    assert "null byte" in (ended.cannot_start or "")
    assert "a\0b" not in (ended.cannot_start or "")


def test_the_signal_that_ended_it_is_named(processes):
    ended = processes.spawn(python("import os; os.kill(os.getpid(), 11)"), "a")
    assert (ended.exit_status, ended.killed_by) == (None, "SIGSEGV")


def test_memory_is_capped(processes):
    ended = processes.spawn(python("x = b'x' * 2**31", memory_bytes=512 * 1024**2), "a")
    assert ended.exit_status == 1
    assert b"MemoryError" in ended.stderr


def test_what_is_collected_is_never_taken_from_elsewhere(processes, tmp_path):
    """A link out of the directory could carry a stranger's file into the evidence."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key.json").write_text("t0p")
    code = f"""
import os
os.symlink({str(tmp_path / "private" / "key.json")!r}, "link.json")
os.symlink({str(tmp_path / "private")!r}, "folder")
os.mkfifo("pipe.json")
open("own.json", "w").write("{{}}")
"""
    ended = processes.spawn(python(code, collect=("*.json", "folder/*.json", "**/key.json")), "a")
    assert ended.files == {"own.json": b"{}"}
    assert set(ended.missing) >= {"folder/*.json"}


def test_long_output_is_cut_in_the_middle(processes):
    ended = processes.spawn(python("print('a' * 3000000 + 'b' * 3000000)"), "a")
    assert len(ended.stdout) < 5 * 1024**2
    assert ended.stdout.startswith(b"aaa")
    assert ended.stdout.endswith(b"bbb\n")
    assert b"[... cut ...]" in ended.stdout


def test_what_a_process_prints_without_end_never_fills_the_scratch_directory(processes):
    code = """
import os, sys
for number in range(400):
    os.write(1, b"%d " % number * 20000)
open("size", "w").write(str(os.path.getsize("stdout")))
os.write(1, b"the last word")
"""
    ended = processes.spawn(python(code, collect=("size",)), "a")
    assert int(ended.files["size"]) < 5 * 1024**2
    assert len(ended.stdout) < 5 * 1024**2
    assert ended.stdout.startswith(b"0 0 0")
    assert ended.stdout.endswith(b"the last word")


def test_a_service_that_prints_without_end_has_a_small_log_with_its_newest_words(processes, tmp_path):
    code = "import os\nfor n in range(300): os.write(1, b'%d ' % n * 20000)\nos.write(1, b'\\nlistening\\n')"
    running = processes.start("chatty", (PYTHON, "-c", code), {}, tmp_path)
    running.process.wait(timeout=SOON_S)
    processes.stop(running)
    assert running.log.stat().st_size < 5 * 1024**2
    assert running.tail(1) == "listening"


def test_what_is_printed_little_is_kept_whole(processes):
    assert processes.spawn(python("print('x' * 100); print('end')"), "a").stdout == b"x" * 100 + b"\nend\n"


def test_the_last_progress_is_told_even_where_the_process_ends_at_once(processes):
    told: list[str] = []
    processes.spawn(python("open('progress', 'w').write('! it broke\\n')", progress="progress"), "a", told.append)
    assert told == ["! it broke"]


def test_progress_is_told_line_by_line(processes):
    told: list[str] = []
    code = """
import os, sys, time
f = open("progress", "w")
print("one", file=f, flush=True)
f.write("tw"); f.flush()
time.sleep(0.3)
print("o", file=f, flush=True)
while not os.path.exists("go"): time.sleep(0.01)
"""

    def hear(line: str) -> None:
        told.append(line)
        if line == "two":
            (processes.scratch / "a" / "go").touch()

    processes.spawn(python(code, progress="progress"), "a", hear)
    assert told == ["one", "two"]


def test_a_service_goes_on_until_it_is_stopped(processes, tmp_path):
    code = f"import time; print('listening', flush=True); time.sleep({FOREVER_S})"
    running = processes.start("erp", (PYTHON, "-c", code), {}, tmp_path)
    assert until(lambda: "listening" in running.tail())
    assert running.alive
    assert processes.stop(running) == -signal.SIGTERM
    assert not running.alive


def test_a_service_that_will_not_end_is_made_to_with_all_its_children(processes, tmp_path):
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + DAEMON + f"\ntime.sleep({FOREVER_S})"
    running = processes.start("erp", (PYTHON, "-c", code, str(tmp_path / "pid")), {}, tmp_path)
    assert until((tmp_path / "pid").exists)
    pid = int((tmp_path / "pid").read_text())
    assert processes.stop(running) == -signal.SIGKILL
    assert until(lambda: not alive(pid))


def test_closing_ends_whatever_is_left_and_removes_the_directory(host, tmp_path):
    made = Processes(host, "test-closing", tmp_path / "s")
    running = made.start("erp", (PYTHON, "-c", f"import time; time.sleep({FOREVER_S})"), {}, tmp_path)
    made.close()
    assert until(lambda: not running.alive)
    assert not (tmp_path / "s").exists()


KILLED = """
import sys, threading
from pathlib import Path
from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.model.process import Command
scratch = Path(sys.argv[1])
made = Processes(Host(), scratch.name, scratch)
made.start("erp", (sys.executable, "-c", sys.argv[2], str(scratch / "pid")), {}, scratch)
while not (scratch / "pid").exists():
    pass
print("ready", flush=True)
threading.Event().wait()
"""


def test_what_a_killed_harness_left_is_removed_by_the_next_start(tmp_path):
    class Elsewhere(Host):
        def scratch_roots(self) -> tuple[Path, ...]:
            return (tmp_path,)

    scratch = tmp_path / f"run-{os.getpid()}"
    daemon = DAEMON + f"\ntime.sleep({FOREVER_S})"
    with subprocess.Popen([PYTHON, "-c", KILLED, str(scratch), daemon], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"ready\n"
        pid = int((scratch / "pid").read_text())
        assert is_claimed(scratch)
        assert sweep(Elsewhere()) == ()
        assert scratch.exists()
        assert alive(pid)
        killed.kill()
    (sentence,) = sweep(Elsewhere())
    assert scratch.name in sentence
    assert "process" in sentence
    assert not scratch.exists()
    assert until(lambda: not alive(pid))
    assert sweep(Elsewhere()) == ()


def test_a_claim_ends_with_whoever_made_it(tmp_path):
    with claimed(tmp_path / "a"):
        assert is_claimed(tmp_path / "a")
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert not is_claimed(tmp_path / "a")
    assert not is_claimed(tmp_path / "never")


def test_ending_by_a_mark_takes_exactly_what_carries_it(processes, tmp_path):
    code = f"import time; time.sleep({FOREVER_S})"
    one = processes.start("erp", (PYTHON, "-c", code), {}, tmp_path)
    two = processes.start("erp2", (PYTHON, "-c", code), {}, tmp_path)
    assert until(lambda: {one.mark, two.mark} <= set(marks()))
    assert end_marked(one.mark) == 1
    assert until(lambda: not one.alive)
    assert two.alive
    processes.stop(two)


def marks() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            body = path.read_bytes()
        except OSError:
            continue
        yield from (part[12:].decode() for part in body.split(b"\0") if part.startswith(b"HARNESS_JOB="))
