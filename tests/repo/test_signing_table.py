"""Which check holds which promise of the portal, and its control: every one that is named is there, and is run."""

import re

import pytest

from tests.repo.test_reliability_table import TESTS, Held, is_there

ATTACKS, DOORS, BRINGING = "portal/test_attacks.py", "portal/test_doors.py", "portal/test_bringing.py"
SIGNER, EXPORTED, GROUND = "portal/test_signer.py", "portal/test_exported.py", "portal/test_ground.py"
CONTROLS, CHECKING = "portal/test_controls.py", "unit/formats/test_acceptance_checking.py"
LEDGER, DATABASE, PORTAL = "proofs/ledger.py", "proofs/database.py", "proofs/portal.py"
COPIES, UPLOADS, STORY = "live/portal/test_copies.py", "live/portal/test_uploads.py", "live/portal/test_story.py"
GOOD_WAY = f"{ATTACKS}::test_without_an_attack_the_same_steps_sign"

TABLE: dict[str, Held] = {
    "what is signed is not what was shown": (
        (
            f"{ATTACKS}::test_a_replayed_answer_signs_nothing",
            f"{ATTACKS}::test_the_challenge_of_one_package_signs_no_other",
            f"{ATTACKS}::test_what_changed_since_it_was_shown_is_not_signed",
            f"{ATTACKS}::test_without_looking_through_the_answers_nothing_is_signed",
            f"{ATTACKS}::test_after_ten_minutes_the_page_signs_nothing",
            f"{EXPORTED}::test_evidence_that_became_another_file_is_not_shown_under_the_digest_that_is_signed",
            f"{EXPORTED}::test_words_that_are_altered_while_somebody_answers_are_neither_shown_nor_answered",
        ),
        (GOOD_WAY,),
    ),
    "one form of a signature says something else than another": (
        (
            f"{SIGNER}::test_name_title_meaning_time_and_place_are_the_same_in_every_readable_form",
            "portal/test_auditor.py::test_what_is_signed_names_each_thing_by_its_title",
        ),
        ("unit/formats/test_acceptance_pages.py::",),
    ),
    "a session signs without its person": (
        (
            f"{ATTACKS}::test_a_stolen_cookie_alone_signs_nothing_in_a_hundred_tries",
            f"{ATTACKS}::test_a_device_that_says_anything_else_signs_nothing",
            f"{ATTACKS}::test_the_challenge_of_one_session_is_of_no_use_in_another",
        ),
        (GOOD_WAY,),
    ),
    "somebody of IT signs": (
        (
            "proofs/insiders.py::",
            f"{ATTACKS}::test_an_administrator_has_no_page_that_signs_or_acts_for_somebody",
            f"{ATTACKS}::test_a_role_needs_two_and_nobody_gives_themselves_one",
            f"{ATTACKS}::test_nobody_gets_a_name_that_reads_like_somebody_elses",
            f"{ATTACKS}::test_a_reset_by_an_administrator_blocks_signing_for_a_day_and_tells_the_person",
            f"{ATTACKS}::test_who_had_a_hand_in_the_release_does_not_sign_it",
            f"{ATTACKS}::test_a_password_that_was_swapped_in_the_database_enrols_no_passkey",
            f"{ATTACKS}::test_a_token_opens_no_page_and_signs_nothing",
            f"{ATTACKS}::test_the_database_itself_refuses_to_rewrite",
            "portal/test_hands.py::test_a_hand_told_after_freezing_keeps_its_person_from_signing",
        ),
        (GOOD_WAY, f"{ATTACKS}::test_who_rewrites_past_the_guards_is_found_and_named"),
    ),
    "a changed byte goes unnoticed": (
        (f"{LEDGER}::flipped", f"{DATABASE}::by_bits", f"{CHECKING}::test_no_flipped_bit_of_a_bundle_passes_either"),
        (f"{LEDGER}::untouched", f"{DATABASE}::_integrity"),
    ),
    "a log that was cut, forked, put back or written anew is believed": (
        (
            f"{LEDGER}::cut",
            f"{LEDGER}::forked",
            f"{LEDGER}::anew",
            f"{LEDGER}::by_another",
            f"{ATTACKS}::test_an_earlier_database_put_back_is_found_by_the_witness",
        ),
        (f"{LEDGER}::unanchored",),
    ),
    "only we can check it": (
        (
            f"{LEDGER}::agreed",
            f"{LEDGER}::alone",
            f"{EXPORTED}::test_a_bundle_holds_for_both_verifiers_and_every_checkpoint_that_was_ever_shown",
        ),
        (f"{CHECKING}::test_what_the_server_alone_could_write_is_refused_by_both",),
    ),
    "who left, or lost the role, signs": (
        (
            f"{ATTACKS}::test_who_may_not_any_more_at_the_moment_of_signing_does_not_sign",
            "portal/test_freezing.py::test_roles_that_are_kept_apart_are_not_signed_by_one_person",
        ),
        (GOOD_WAY, "portal/test_freezing.py::test_roles_that_are_not_kept_apart_may_be_signed_by_one_person"),
    ),
    "a signature counts for something newer": (
        (
            f"{ATTACKS}::test_a_package_that_was_replaced_is_not_signed",
            "adapters/test_acceptances.py::",
            f"{STORY}::test_three_people_take_the_demos_release_from_undecided_to_a_promotion_that_passes",
        ),
        (f"{STORY}::_only_the_key_that_was_declared_counts",),
    ),
    "a page goes out without its headers": (
        (f"{DOORS}::test_every_answer_carries_the_headers_errors_and_static_files_included",),
        (f"{CONTROLS}::test_headers_that_are_not_sent_are_noticed",),
    ),
    "another site changes something": (
        (
            f"{DOORS}::test_a_change_that_no_page_of_ours_asked_for_changes_nothing",
            f"{DOORS}::test_a_form_without_its_own_token_changes_nothing",
            f"{DOORS}::test_reading_changes_no_answer",
        ),
        (f"{CONTROLS}::test_a_portal_that_believes_every_page_is_noticed",),
    ),
    "a session outlives its end": (
        (
            f"{DOORS}::test_cookies_are_kept_as_hashes_and_never_the_same_twice",
            f"{DOORS}::test_a_session_that_is_over_is_over_on_the_server",
            f"{DOORS}::test_each_proof_gives_a_new_cookie",
        ),
        (
            f"{CONTROLS}::test_a_session_that_outlives_its_end_is_noticed",
            f"{CONTROLS}::test_a_session_that_is_kept_in_the_clear_is_noticed",
        ),
    ),
    "evidence runs in a reader's browser": (
        (
            "live/portal/test_hostile_evidence.py::test_hostile_evidence_calls_nobody_from_the_portal",
            f"{BRINGING}::test_hostile_evidence_is_never_shown_as_what_it_is",
        ),
        ("live/portal/test_hostile_evidence.py::MUST_FIRE",),
    ),
    "an upload takes memory, disk or everybody's turn": (
        (
            f"{UPLOADS}::test_an_upload_without_end_length_or_truth_is_refused_and_costs_neither_memory_nor_disk",
            f"{UPLOADS}::test_who_sends_slowly_keeps_nobody_waiting",
            f"{UPLOADS}::test_a_document_that_is_deep_or_swollen_breaks_nothing",
            f"{BRINGING}::test_evidence_that_is_not_what_its_name_says_is_not_kept",
            "portal/test_pictures.py::test_a_gigantic_picture_is_a_download",
            "unit/formats/test_plain_zip.py::test_archives_of_others_and_names_that_lead_out_are_refused",
        ),
        (
            f"{UPLOADS}::test_the_measure_would_notice_memory_that_is_taken",
            "portal/test_hurry.py::test_a_request_that_stops_coming_is_ended",
        ),
    ),
    "a cell of a table runs as a formula": (
        (f"{SIGNER}::test_no_cell_of_a_table_runs_as_a_formula",),
        (f"{SIGNER}::test_name_title_meaning_time_and_place_are_the_same_in_every_readable_form",),
    ),
    "a password can be guessed": (
        (
            f"{DOORS}::test_guessing_is_hopeless_whatever_address_is_claimed_and_the_victim_still_comes_in",
            f"{DOORS}::test_who_is_unknown_and_who_is_known_get_the_same_words",
            f"{DOORS}::test_passwords_cost_what_is_recommended",
        ),
        (f"{CONTROLS}::test_a_door_that_may_be_guessed_at_for_ever_is_noticed",),
    ),
    "somebody is let in who should not": (
        (
            f"{DOORS}::test_every_route_is_in_the_matrix_and_says_whom_it_is_for",
            f"{DOORS}::test_each_lets_in_who_is_written_and_nobody_else",
            f"{DOORS}::test_a_package_of_others_is_not_there",
        ),
        (f"{CONTROLS}::test_a_door_that_is_open_to_all_is_noticed",),
    ),
    "what was acknowledged is lost": (
        (
            f"{PORTAL}::kills_row",
            f"{PORTAL}::synced_row",
            "live/portal/test_keeping.py::test_a_server_that_is_killed_while_people_sign_loses_nothing_it_acknowledged",
        ),
        (f"{PORTAL}::early_row",),
    ),
    "the database does not keep what it says": (
        (
            f"{GROUND}::test_a_database_that_might_not_keep_what_it_acknowledged_is_named",
            f"{GROUND}::test_settings_that_would_be_unsafe_are_refused",
            f"{GROUND}::test_the_file_system_of_a_folder_is_told",
        ),
        (f"{GROUND}::test_as_it_stands_nothing_is_wrong",),
    ),
    "a copy is another portal": (
        (
            f"{COPIES}::test_a_copy_made_while_people_sign_becomes_a_portal_with_the_same_log",
            f"{COPIES}::test_killed_in_the_middle_there_is_the_old_copy_or_the_new_one",
            f"{COPIES}::test_an_older_portal_leaves_the_database_of_a_newer_one_alone",
        ),
        (f"{COPIES}::test_a_copy_that_was_cut_changed_or_is_of_another_portal_is_no_portal",),
    ),
    "two sign for one place": (
        (f"{PORTAL}::crowd_row", f"{ATTACKS}::test_the_second_for_the_same_role_is_told_who_was_first"),
        (f"{PORTAL}::unlocked_row",),
    ),
    "the gate reads half of what happened": (
        ("portal/test_interleaving.py::test_whatever_happens_meanwhile_the_gate_reads_what_stood_before_or_after",),
        ("portal/test_interleaving.py::test_an_export_that_reads_the_head_of_the_log_last_would_be_noticed",),
    ),
    "a page can't be read, or not be used without a mouse": (
        ("live/portal/test_pages.py::test_every_page_is_accessible_and_readable", f"{STORY}::_sign_by_keyboard"),
        (
            "live/portal/test_pages.py::test_the_check_itself_finds_what_is_wrong",
            f"{STORY}::test_a_page_that_a_keyboard_does_not_reach_is_noticed",
        ),
    ),
}


@pytest.mark.parametrize("promise", TABLE)
def test_every_promise_of_the_portal_has_its_checks_and_a_control(promise: str) -> None:
    checks, controls = TABLE[promise]
    assert [one for one in (*checks, *controls) if not is_there(one)] == []
    assert checks
    assert controls


def test_every_named_test_of_the_portal_is_one_that_is_run() -> None:
    for one in (each for held in TABLE.values() for part in held for each in part):
        path, _, what = one.partition("::")
        if what.startswith("test_"):
            assert re.search(rf"^def {what}\w*\(", (TESTS / path).read_text("utf-8"), re.MULTILINE), one
