"""A job for each mock of a tier: what the mock and its callers promise each other."""

from collections.abc import Iterator, Mapping

from harness.model.plan import (
    Check,
    Job,
    MockWork,
    Promise,
)
from harness.model.tier import Suite, Tier


def mock_jobs(tier: Tier, seed: int) -> Iterator[Job]:
    """A job for each dependency that a mock stands in for."""
    for dependency in tier.dependencies:
        if dependency.mock is None:
            continue
        name = dependency.name
        promises: Mapping[str, str] = {
            "requests": f"every request to {name} keeps {name}'s contract",
            "answers": f"every answer of the mock keeps {name}'s contract",
        }
        yield Job(
            id=f"mock:{name}",
            suite=Suite.MOCK,
            work=MockWork(dependency=name, folder=dependency.mock, contract=dependency.contract),
            checks=tuple(
                Check(
                    id=f"mock:{name}/{promise}",
                    suite=Suite.MOCK,
                    promise=Promise.MOCK,
                    title=title,
                    place=dependency.mock,
                )
                for promise, title in promises.items()
            ),
            seed=seed,
            deadline_s=0.0,
        )
