"""What the runner tells this process: read once from a private file, never from the command line.

`HARNESS_UAT` names the file (written 0600: it holds credentials), `HARNESS_UAT_OUT` the
folder for evidence. Both are made fresh for each job.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A system as scripts reach it. `headers` carry credentials, so they stay out of every representation.

    `page_url` is where its pages are for a browser, where that is not the same.
    """

    name: str
    base_url: str
    page_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """What stands in front of browsers, and the digest of the key that they trust."""

    url: str
    spki: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One job: which tests, against what, with which browser. Times in milliseconds or seconds as named."""

    run: str
    tier: str
    folder: Path
    out: Path
    wanted: tuple[str, ...]
    reach: tuple[Reach, ...]
    mocks: Mapping[str, str]
    languages: tuple[str, ...]
    browser: str | None
    no_sandbox: bool
    expect_ms: int
    action_ms: int
    test_s: float
    proxy: Proxy | None = None

    @property
    def system(self) -> Reach | None:
        """The system that `page` and `api` mean when nobody names one: the first of the tier."""
        return self.reach[0] if self.reach else None

    @property
    def files(self) -> frozenset[Path]:
        """The files that hold a wanted test."""
        return frozenset(self.folder / node.partition("::")[0] for node in self.wanted)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; KeyError outside a run of ours."""
    document: dict[str, Any] = json.loads(Path(environ["HARNESS_UAT"]).read_text("utf-8"))
    return Settings(
        run=document["run"],
        tier=document["tier"],
        folder=Path(document["folder"]),
        out=Path(environ["HARNESS_UAT_OUT"]),
        wanted=tuple(document["wanted"]),
        reach=tuple(
            Reach(name=name, base_url=one["base-url"], page_url=one.get("page-url"), headers=one["headers"])
            for name, one in document["systems"].items()
        ),
        mocks=document["mocks"],
        languages=tuple(document["languages"]),
        browser=document["browser"],
        no_sandbox=document["no-sandbox"],
        expect_ms=document["expect-ms"],
        action_ms=document["action-ms"],
        test_s=document["test-s"],
        proxy=Proxy(**document["proxy"]) if document.get("proxy") else None,
    )
