"""Each fault of the sample's page and behaviour is caught by a criterion by name, and the clean build by none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.sample.faults import KNOWN, Suite

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

ROOT = Path(__file__).parents[3]
# Faults that leave each other alone share a run: fault -> the criterion that catches it, and words of its reason.
# Lists that show an order twice leave no other script a row of its own: each has a run without such scripts.
TOGETHER = {
    "page and a stale list": {
        "wrong-total-on-page": ("orders/ORD-1", "€12.90"),
        "translation-missing": ("page/LNG-1", "'Place order'"),
        "unlabelled-quantity": ("page/ACC-1", "must have labels"),
        "mouse-only-order": ("page/ACC-2", "#submit can be reached with the Tab key"),
        "stale-after-cancel": ("orders/ORD-3", "expected to have count '1'; Actual value: 2"),
    },
    "behaviour and a list that ignores its filter": {
        "filter-ignored": ("orders/ORD-4", "expected to have count '1'; Actual value: 2"),
        "language-undeclared": ("page/ACC-1", "lang"),
        "pages-overlap": ("orders/ORD-7", "five orders, each once"),
        "lost-update": ("customers/CUS-1", "refused with 412, found 200"),
        "foreign-order-readable": ("access/SEC-1", "found 200"),
        "search-is-case-sensitive": ("customers/CUS-2", "searching for"),
        "key-places-twice": ("orders/ORD-6", "the second answer names"),
        "erp-failure-ignored": ("orders/ORD-5", "That did not work"),
        "declined-payment-accepted": ("invoices/INV-2", "found 200"),
        "foreign-invoice-readable": ("invoices/SEC-4", "found 200"),
    },
    "invoices, faint text and a dead button": {
        "faint-text": ("page/ACC-1", "contrast"),
        "dead-cancel-button": ("orders/ORD-3", "is cancelled"),
        "wrong-total-on-invoice": ("invoices/INV-1", "€25.80"),
        "invoice-outlives-order": ("invoices/INV-3", "found open and paid"),
        "invoice-untranslated": ("invoices/LNG-3", "'open'"),
    },
}


def run(workspace: Path, faults: str, *only: str):
    """Exit status and verdict of `harness run test` on a copy of this repository's workspace."""
    for folder in ("uat", "contracts", "mocks", "environments"):
        shutil.copytree(ROOT / folder, workspace / folder, ignore=shutil.ignore_patterns("__pycache__"))
    quietly = ("--no-report",) if faults else ()  # what is drawn of failures, tests of the report hold
    asked = [word for one in sorted(set(only)) for word in ("--only", one)]
    done = subprocess.run(
        (sys.executable, "-m", "harness", "run", "test", "--json", *quietly, *asked),
        cwd=workspace,
        env={**os.environ, "SAMPLE_FAULTS": faults},
        capture_output=True,
        timeout=900,
    )
    return done.returncode, json.loads(done.stdout or b"{}"), done.stderr.decode()


def test_every_fault_meant_for_uat_has_a_criterion_that_catches_it():
    assert {fault for group in TOGETHER.values() for fault in group} == {
        one.fault for one in KNOWN if one.suite is Suite.UAT
    }


@pytest.mark.parametrize("group", TOGETHER.values(), ids=TOGETHER)
def test_each_fault_fails_its_criterion_by_name(tmp_path, group):
    status, verdict, said = run(tmp_path, ",".join(group), *(f"uat:{criterion}" for criterion, _ in group.values()))
    found = {one["check"]: one["sentence"] for one in verdict.get("failures", [])}
    assert status == 1, (verdict, said)
    for fault, (criterion, words) in group.items():
        assert words in found.get(f"uat:{criterion}", ""), (fault, verdict)
    assert verdict["doubts"] == []


def test_the_clean_build_fails_no_criterion(tmp_path):
    status, verdict, said = run(tmp_path, "", "uat")
    assert (status, verdict.get("decision")) == (0, "pass"), (verdict, said)
