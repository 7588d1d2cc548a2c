"""The repository's own manners: what lies where, what every file says, and what none may say."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    *(".ci", ".github", ".gitignore", ".locks", "LICENSE", "Makefile", "README.md", "pyproject.toml"),
    *("harness", "tests", "contracts", "mocks", "load", "uat", "environments"),
}
WRITTEN = (".ci", ".locks", "harness", "tests", "contracts", "mocks", "load", "uat", "environments")
OURS = ("harness", "tests", ".ci")
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("docker", "io"),
        ("tuna", "tsinghua"),
        ("aliyun", "com"),
    )
)
PACKAGE = "packages+=(" + ".".join(("docker", "io")) + ")"  # Debian's package bears a registry's name
ONE_MACHINE = re.compile(r"(?<![\w.{}])/(?:root|home|work|Users)/[\w.-]+")
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def ignored() -> set[str]:
    return {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line}


def files(*folders: str) -> Iterator[Path]:
    unwanted = ignored()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not unwanted & set(path.parts) and path.suffix not in {".pyc", ".png"}:
                yield path


def modules() -> list[Path]:
    return [path for path in files(*OURS) if path.suffix == ".py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> Iterator[tuple[str, str]]:
    for path in (*files(*WRITTEN), ROOT / "README.md", ROOT / "Makefile", ROOT / "pyproject.toml"):
        yield name_of(path), path.read_text("utf-8", "replace")


def test_nothing_lies_at_the_top_that_does_not_belong_there():
    assert {path.name for path in ROOT.iterdir()} - ignored() - {".git"} <= TOP


def test_every_module_says_what_it_is_for():
    # what tests hand to the engines as other people's files stays as other people write it
    theirs = {"specimen", "workspaces"}
    ours = [path for path in modules() if not theirs & set(path.parts)]
    assert len(ours) > 100
    silent = [name_of(path) for path in ours if not (ast.get_docstring(ast.parse(path.read_text())) or "").strip()]
    assert silent == []


def test_no_file_names_a_registry():
    found = {name: host for name, text in texts() for host in REGISTRIES if host in text.replace(PACKAGE, "")}
    assert found == {}


def test_no_file_names_a_place_on_one_machine():
    found = {name: match[0] for name, text in texts() if (match := ONE_MACHINE.search(text))}
    assert found == {}


def test_nothing_is_put_off():
    assert {name: match[0] for name, text in texts() if (match := LATER.search(text))} == {}


def unfinished(tree: ast.AST) -> Iterator[str]:
    """Bodies that say they are not there, and tests that do not run."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
                yield "not implemented"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="pytest"), attr="skip" | "xfail" | "importorskip" as word)
            ):
                yield word
            case ast.Attribute(value=ast.Attribute(attr="mark"), attr="skip" | "skipif" | "xfail" as word):
                yield word


def test_no_module_is_unfinished_and_no_test_is_left_out():
    found = {name_of(path): list(unfinished(ast.parse(path.read_text()))) for path in modules()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "code",
    [
        "def f(): raise NotImplementedError",
        "def f(): raise NotImplementedError('later')",
        "pytest.skip('not today')",
        "@pytest.mark.skipif(True, reason='x')\ndef test(): ...",
        "x = pytest.importorskip('y')",
        "@pytest.mark.xfail\ndef test(): ...",
    ],
)
def test_these_rules_see_what_they_are_for(code):
    assert list(unfinished(ast.parse(code)))


def test_these_patterns_see_what_they_are_for():
    assert ONE_MACHINE.search("see /ho" + "me/me/x")
    assert not ONE_MACHINE.search("GET /work HTTP, https://host/root/x, {scratch}/home/x")
    assert LATER.search("# TO" + "DO: later")


def test_no_module_is_too_long_to_read():
    """Most files are short; this holds the tail."""
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in modules() if "harness" in path.parts}
    assert {name: length for name, length in lengths.items() if length > 600} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    argv = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out))
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {name_of(path) for path in files("harness") if "__pycache__" not in path.parts}
    assert package - names == set()
    others = {name for name in names - package if not re.match(r"harness-[\d.]+\.dist-info/", name)}
    wanted = {
        f"{target}/{path.relative_to(ROOT / source).as_posix()}"
        for source, target in WHEEL.get("force-include", {}).items()
        for path in files(source)
    }
    assert others == wanted
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name for name in package if not name.endswith(".py")}, "the package ships data of its own"


def test_the_wheel_starts_with_nothing_else_installed(wheel, tmp_path):
    """Help and version need no dependency at all."""
    for words in (["--help"], ["--version"]):
        code = "import sys; from harness.cli import main; sys.exit(main(sys.argv[1:]))"
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {code}", *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.startswith(("usage: harness", "harness 0."))


def test_every_live_test_says_what_it_cannot_do_without():
    lacking = [name_of(path) for path in files("tests/live") if path.match("test_*.py") and _needs_nothing(path)]
    assert lacking == []


def _needs_nothing(path: Path) -> bool:
    marks = [ast.unparse(one.value) for one in ast.parse(path.read_text()).body if _is_marks(one)]
    return not any("pytest.mark.live" in mark and "pytest.mark.needs(" in mark for mark in marks)


def _is_marks(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def test_control_a_live_test_without_needs_is_found(tmp_path):
    for mark, found in {"pytest.mark.live": True, '[pytest.mark.live, pytest.mark.needs("browser")]': False}.items():
        file = tmp_path / "test_x.py"
        file.write_text(f"import pytest\npytestmark = {mark}\n")
        assert _needs_nothing(file) is found
