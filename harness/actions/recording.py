"""Writing scripts from doing: what a person did after taking over in a walkthrough becomes a script to work on."""

from pathlib import Path

from harness.adapters.run_directory import find_run, load_run
from harness.errors import AskedWrongly, CouldNotTell, Place
from harness.formats.recorded_script import KIND, read_recorded, script_of


def script_from(root: Path, run: str | None, name: str) -> str:
    """The script of a run's take-overs, in their order; CouldNotTell where nobody took over."""
    path = find_run(root, run)
    _, _, record = load_run(path)
    if record is None:
        raise CouldNotTell(f"{path.name} was never closed", hint="harness runs")
    recorded = (one for seen in record.seen for one in seen.attachments if one.name == KIND and one.sha256)
    steps = [step for one in recorded for step in read_recorded((path / "evidence" / one.sha256).read_bytes())]
    return script_of(name, steps)


def write_script(root: Path, run: str | None, file: Path) -> None:
    """The same as a new file; one that is there is never written over."""
    body = script_from(root, run, file.stem.removeprefix("test_"))
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(body)
    except FileExistsError as error:
        raise AskedWrongly(f"{file} is there already", place=Place(file=str(file)), hint="name a new file") from error
    except OSError as error:
        raise AskedWrongly(f"can't write {file}: {error.strerror}", place=Place(file=str(file))) from error
