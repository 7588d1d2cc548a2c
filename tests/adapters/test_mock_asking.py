"""What asks a system or a dependency beyond a run's suites is refused where the tier's policy lets nothing ask."""

from pathlib import Path

import pytest

from tests.live.asked import Asked


@pytest.mark.parametrize("words", [("matrix", "erp"), ("confirm", "erp")])
@pytest.mark.parametrize(("suites", "refused"), [('"uat"', True), ('"contract"', False)])
def test_a_tier_whose_policy_does_not_name_the_contract_is_not_asked(
    tmp_path: Path, words: tuple[str, ...], suites: str, refused: bool
) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "harness.toml").write_text("")
    system = '[systems.orders]\nbase-url = "http://127.0.0.1:9"'
    tier = f'order = 1\npurpose = "test"\n\n{system}\n\n[policy]\nsuites = [{suites}]\n'
    (tmp_path / "environments" / "test.toml").write_text(tier)
    said = Asked(root=tmp_path).ask("mock", *words, "--tier", "test")
    assert said.exit == 2
    told = "does not name the suite `contract`" if refused else "has no dependency `erp`"
    assert told in said.all
