"""Histories of tiers never mix, and a run never stands in its own past."""

from harness.formats.allure_history import is_of_run, laid_over, of_tier, read_points, write_points


def point(stamp: int, **by_tier: str) -> dict[str, object]:
    results = {
        f"case.{tier}": {"fullName": f"verdict:{tier}", "environment": tier, "status": status, "start": stamp}
        for tier, status in by_tier.items()
    }
    metrics = {f"{tier}.p95": float(stamp) for tier in by_tier}
    return {"timestamp": stamp, "knownTestCaseIds": ["case"], "testResults": results, "metrics": metrics}


def statuses(points, tier):
    return [one["testResults"][f"case.{tier}"]["status"] for one in points if f"case.{tier}" in one["testResults"]]


def test_each_tier_keeps_only_its_own():
    kept = of_tier(point(1, test="passed", prod="failed"), "prod")
    assert list(kept["testResults"]) == ["case.prod"]
    assert list(kept["metrics"]) == ["prod.p95"]


def test_tiers_are_laid_over_one_another_newest_over_newest():
    test = [point(1, test="failed"), point(3, test="passed")]
    joined = laid_over((test, [point(2, prod="broken")]))
    assert len(joined) == 2
    assert statuses(joined, "test") == ["failed", "passed"]
    assert set(joined[1]["testResults"]) == {"case.prod", "case.test"}


def test_a_run_is_known_by_tier_and_time():
    assert is_of_run(point(7, test="passed"), "test", 7)
    assert not is_of_run(point(7, test="passed"), "prod", 7)
    assert not is_of_run(point(7, test="passed"), "test", 8)


def test_a_torn_line_is_no_point():
    body = write_points([point(1, test="passed")]) + b'{"testResults": {"a"'
    assert len(read_points(body)) == 1
