"""Pages become PDFs beside runs that start and clear up after dead ones."""

from pathlib import Path

import pytest

from harness.adapters import printing
from harness.adapters.browsers import Browser
from harness.adapters.host import Host
from harness.adapters.leftovers import sweep
from harness.adapters.tools import Said


def test_a_run_that_starts_meanwhile_leaves_the_printing_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Here(Host):
        def scratch_root(self) -> Path:
            return tmp_path

        def scratch_roots(self) -> tuple[Path, ...]:
            return (tmp_path,)

    removed: list[str] = []

    def print_slowly(argv: list[object], *, deadline_s: float) -> Said:
        (tmp_path / "nobody-s").mkdir()
        removed.extend(sweep(Here()))
        for pdf in (one for one in argv if isinstance(one, Path) and one.suffix == ".pdf"):
            pdf.write_bytes(b"%PDF of " + pdf.with_suffix(".html").read_bytes())
        return Said(status=0)

    monkeypatch.setattr(printing, "find_browser", lambda _: Browser(path="/usr/bin/true", version="1", found="here"))
    monkeypatch.setattr(printing, "ask", print_slowly)
    assert printing.printed(Here(), {"a": b"A", "b": b"B"}) == {"a": b"%PDF of A", "b": b"%PDF of B"}
    assert len(removed) == 1, "the control: the sweep did remove a folder that nobody claims"
    assert not list(tmp_path.iterdir())
