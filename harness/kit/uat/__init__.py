"""What authors of demonstrations import: steps in the business's words, expectations, and what to point at.

    from harness.kit.uat import check, expect, show, step

A demonstration is a pytest function that takes `page`, `api`, `made` or `run_tag` from the
kit's fixtures. Outside a run of ours every function here still works and leaves no evidence.
"""

from playwright.sync_api import APIResponse, Locator, Page, expect

from harness.kit.uat.apis import Api
from harness.kit.uat.expectations import check, until
from harness.kit.uat.made import Made
from harness.kit.uat.pages import no_errors, no_overflow, reads_in, usable_by_all
from harness.kit.uat.steps import note, show, step

__all__ = [
    "APIResponse",
    "Api",
    "Locator",
    "Made",
    "Page",
    "check",
    "expect",
    "no_errors",
    "no_overflow",
    "note",
    "reads_in",
    "show",
    "step",
    "until",
    "usable_by_all",
]
