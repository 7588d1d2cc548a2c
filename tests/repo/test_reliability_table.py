"""Which check holds which promise of reliability, and its control: every one that is named is there.

A promise is written as what must not happen. A check is a test or a way of a proof; the control is what shows that
the check would notice.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
Held = tuple[tuple[str, ...], tuple[str, ...]]
GATE, JUDGE, WAYS = "unit/rules/test_gating.py", "unit/rules/test_judging.py", "proofs/gate.py"
NOTHING, SELF = "adapters/test_gate_nothing_there.py", "adapters/test_gate_selftest.py"
FAILURES, RUN_DIRECTORY, CI = (
    "live/failures/test_failure_modes.py",
    "adapters/test_run_directory.py",
    "repo/test_ci_file.py",
)

TABLE: dict[str, Held] = {
    "nothing there passes": (
        (f"{NOTHING}::test_what_is_missing_is_named_and_nothing_passes",),
        (f"{NOTHING}::test_a_gate_that_asks_only_whether_all_that_is_there_is_good_would_pass_on_nothing",),
    ),
    "part of a run passes": (
        ("proofs/crash.py::killed", f"{RUN_DIRECTORY}::test_a_run_without_a_record_was_never_closed"),
        ("proofs/crashing/writer.py::in-place",),
    ),
    "no work done passes": (
        (
            f"{WAYS}::skip-the-whole-plan",
            f"{WAYS}::wrap-the-engine-in-or-true",
            f"{JUDGE}::test_our_judge_keeps",
            "live/load/test_load_trouble.py::",
            f"{FAILURES}::test_401_to_everything_proves_nothing_and_says_what_is_missing",
        ),
        (f"{JUDGE}::test_a_judge_with_a_known_mistake_is_caught",),
    ),
    "a retry hides a failure": (
        (f"{JUDGE}::test_a_retry_does_not_hide_a_failure_and_says_how_often", f"{WAYS}::run-again-until-it-passes"),
        (f"{GATE}::test_the_properties_would_notice_a_gate_that_believes_the_last_attempt",),
    ),
    "a waiver excuses what it may not": (
        (f"{GATE}::test_any_other_waiver_excuses_nothing", f"{GATE}::test_a_must_is_never_waived"),
        (f"{GATE}::test_a_signed_waiver_by_name_excuses_a_failure_and_is_told",),
    ),
    "a check disappears": (
        (
            f"{WAYS}::take-a-check-out-of-plan-and-record",
            f"{WAYS}::soften-the-contract-and-run-again",
            f"{WAYS}::soften-the-criterion-and-declare-again",
        ),
        ("adapters/test_gate.py::test_the_table_would_notice_a_gate_that_lets_it_through",),
    ),
    "evidence of something else counts": (
        (
            f"{WAYS}::replay-last-weeks-run",
            f"{WAYS}::swap-the-artifact-in-the-declaration",
            f"{WAYS}::carry-a-signed-run-into-another-declaration",
            f"{SELF}::test_every_way_that_the_policy_speaks_of_is_refused_for_its_reason",
        ),
        (f"{SELF}::test_a_gate_that_always_passes_is_noticed_everywhere",),
    ),
    "changed evidence counts": (
        (
            "proofs/mutations.py::together",
            f"{WAYS}::redo-record-events-and-verdict-elsewhere",
            f"{WAYS}::swap-two-pictures",
            "adapters/test_gate.py::test_no_bytes_changed_anywhere_pass_as_another_content_or_crash_the_gate",
        ),
        (
            "proofs/mutations.py::believing",
            "adapters/test_attesting.py::test_without_pinned_keys_a_run_redone_elsewhere_passes",
        ),
    ),
    "the judged judges itself": (
        (
            f"{WAYS}::edit-the-policy-in-the-same-change",
            f"{WAYS}::pin-another-key-in-the-policy",
            f"{WAYS}::write-pass-into-the-verdict",
            f"{CI}::test_nothing_in_the_file_lets_a_failure_pass",
            "adapters/test_attesting.py::test_an_answer_that_is_not_pass_is_never_signed_as_passed",
        ),
        ("adapters/test_attesting.py::test_what_is_not_as_expected_is_not_believed",),
    ),
    "a gate that can't say no goes unnoticed": (
        (f"{CI}::test_a_policy_that_nobody_can_meet_is_told_before_it_decides", f"{SELF}::test_the_verb_exits_by_what"),
        (f"{SELF}::test_a_gate_that_forgot_one_rule_is_noticed_there",),
    ),
    "a full disk leaves half a record": (
        ("proofs/crash.py::full_disk", f"{FAILURES}::test_a_disk_that_fills_up_in_mid_run_is_never_a_pass"),
        ("proofs/crashing/writer.py::early",),
    ),
    "a wrong clock makes it pass": (
        (
            f"{WAYS}::ask-with-the-clock-back",
            f"{WAYS}::wait-until-it-is-stale",
            "rules/selftesting.py::from the future",
        ),
        (f"{SELF}::test_a_gate_that_forgot_one_rule_is_noticed_there",),
    ),
    "two runs at once mix": (
        (f"{FAILURES}::test_two_runs_at_once_in_one_workspace_do_not_mix", f"{RUN_DIRECTORY}::test_two_drafts_at_once"),
        (f"{WAYS}::mix-two-runs",),
    ),
    "pruning takes what counts": (
        (
            "adapters/test_gate.py::test_a_run_that_a_release_counts_on_is_never_pruned",
            f"{NOTHING}::test_whoever_kills_a_pruning_leaves_no_half_run",
            "adapters/test_runs_within_bounds.py::test_the_oldest_go_until_the_rest_fits_and_what_counts_stays",
            "adapters/test_runs_within_bounds.py::test_whoever_kills_it_at_any_moment_leaves_whole_runs",
        ),
        (
            "adapters/test_gate.py::test_keep_alone_removes_nothing",
            "adapters/test_runs_within_bounds.py::test_control_the_release_still_passes_and_without_its_run",
        ),
    ),
    "something is installed that no lock names": (
        (
            "repo/test_locks.py::test_every_pin_has_a_hash_and_no_address",
            "repo/test_locks.py::test_no_two_locks_disagree",
            "repo/test_locked_install.py::test_whatever_else_lies_there_is_refused_and_nothing_is_installed",
            "repo/test_locked_install.py::test_a_higher_version_that_an_index_offers_is_not_taken",
            "repo/test_locked_install.py::test_what_the_lock_names_is_installed_without_any_network",
        ),
        ("repo/test_locked_install.py::test_control_without_the_hashes_a_changed_wheel_would_be_taken",),
    ),
    "a known weakness, or nobody to ask about one, passes": (
        (
            "repo/test_audit.py::test_a_planted_version_with_a_known_weakness_is_red",
            "repo/test_audit.py::test_where_nobody_can_be_asked_it_is_undecided_and_never_green",
            "repo/test_audit.py::test_what_is_borne_is_borne_until_its_day_and_red_after_it",
            "repo/test_audit.py::test_the_bill_names_every_distribution_that_python_sees_and_no_other",
        ),
        (
            "repo/test_audit.py::test_control_the_same_weakness_of_another_version_is_nothing",
            "repo/test_audit.py::test_control_a_distribution_that_no_lock_names_is_in_the_bill_and_red",
        ),
    ),
    "a job that runs a branch's code has more than it needs": (
        (
            f"{CI}::test_no_secret_is_where_the_code_of_a_branch_runs",
            f"{CI}::test_what_the_test_jobs_upload_is_read_and_never_run_by_the_gate",
            "adapters/test_processes.py::test_nothing_of_our_environment_goes_along_but_what_is_named",
        ),
        (f"{CI}::test_actions_are_pinned_and_rights_are_least",),
    ),
    "a contract is swapped between sealing, testing and signing": (
        (
            "adapters/test_gate_swaps.py::test_no_moment_lets_a_swapped_promise_through",
            "adapters/test_sealed_files.py::test_a_swap_is_noticed_by_the_files_name",
            f"{FAILURES}::test_a_script_that_is_edited_in_mid_run_proves_nothing_also_where_it_is_put_back",
        ),
        (
            "adapters/test_gate_swaps.py::test_control_the_same_way_without_a_swap_passes",
            "adapters/test_sealed_files.py::test_control_files_that_are_read_are_not_changed",
        ),
    ),
}


def is_there(named: str) -> bool:
    path, _, what = named.partition("::")
    file = TESTS / path
    if not file.is_file():
        file = TESTS.parent / "harness" / path
    return file.is_file() and (not what or what in file.read_text("utf-8"))


@pytest.mark.parametrize("promise", TABLE)
def test_every_promise_has_its_checks_and_a_control(promise):
    checks, controls = TABLE[promise]
    assert [one for one in (*checks, *controls) if not is_there(one)] == []
    assert checks
    assert controls


def test_a_check_that_is_gone_would_be_noticed():
    """The control."""
    assert not is_there("unit/rules/test_gating.py::test_that_nobody_wrote")
    assert not is_there("unit/rules/test_nothing.py::test_order_means_nothing")


def test_every_named_test_is_one_that_is_run():
    named = [one for held in TABLE.values() for side in held for one in side if "::test_" in one]
    for one in named:
        path, _, what = one.partition("::")
        assert re.search(rf"^def {what}\w*\(", (TESTS / path).read_text("utf-8"), re.MULTILINE), one
