"""The users' file: loaded by Locust's own loader, and where it can't be used, a sentence with file and line."""

import difflib
import sys
import traceback
from pathlib import Path
from typing import Any

from locust import User
from locust.util.load_locustfile import load_locustfile


class Unusable(Exception):
    """The users' file can't be used; `place` is file:line as far as known."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


def load_users(file: str, name: str) -> type[User]:
    """The class of that name; `Unusable` says why not."""
    shown = shown_path(file)
    try:
        classes, _ = load_locustfile(file)
    except SyntaxError as error:
        raise Unusable(f"{error.msg}", f"{shown_path(error.filename or file)}:{error.lineno or 1}") from error
    except FileNotFoundError as error:
        missing = Path(error.filename or file)
        raise Unusable(f"there is no file {shown_path(str(missing))}", place_of(error, file)) from error
    except (Exception, SystemExit) as error:
        raise Unusable(f"{type(error).__name__}: {error}", place_of(error, file)) from error
    found: type[User] | None = classes.get(name)
    if found is None:
        raise Unusable(_no_such_class(file, name, classes), f"{shown}:1")
    if not found.tasks:
        raise Unusable(f"`{name}` has no task: mark at least one method with @task", f"{shown}:{_line_of(found)}")
    return found


def place_of(error: BaseException, file: str) -> str:
    """Where in the workspace's own files an exception came from, as file:line."""
    frames = traceback.extract_tb(error.__traceback__)
    folder = str(Path(file).parent)
    own = [frame for frame in frames if frame.filename.startswith(folder)]
    if own:
        return f"{shown_path(own[-1].filename)}:{own[-1].lineno}"
    return shown_path(file)


def shown_path(file: str) -> str:
    """A path below the working directory relative to it, any other as it is."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def _no_such_class(file: str, name: str, classes: dict[str, Any]) -> str:
    module = sys.modules.get(Path(file).stem)
    there = getattr(module, name, None)
    if isinstance(there, type) and issubclass(there, User):
        return f"`{name}` is abstract: remove `abstract = True`"
    if there is not None:
        return f"`{name}` is not a Locust user: derive it from harness.kit.load.ApiUser"
    near = difflib.get_close_matches(name, classes, n=1, cutoff=0.5)
    known = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(classes)) or 'none'}"
    return f"there is no user class `{name}`; {known}"


def _line_of(found: type[User]) -> int:
    import inspect

    try:
        return inspect.getsourcelines(found)[1]
    except (OSError, TypeError):
        return 1
