//! Every rule of the anonymous road and the tests that prove it, in one table; a rule without a test is said to be open.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::{Path, PathBuf};

/// How a rule is proved.
enum Proof {
    /// These tests prove all of it that has no screen.
    Whole(&'static [&'static str]),
    /// These tests prove what is built; the rest is named.
    Partly(&'static [&'static str], &'static str),
    /// Nothing of it is built; it is proved where this says.
    Open(&'static str),
}

use Proof::{Open, Partly, Whole};

const SCREENS: &str = "with the screens of the apps";

/// Rules that no test proves yet. It only ever falls.
const OPEN: usize = 2;

const RULES: [(&str, Proof); 52] = [
    ("A1", Whole(&["no_file_of_a_ceremony_holds_anything_of_a_slip"])),
    ("A2", Whole(&["a_wrong_symbol_passes_once_in_thirty_two_groups", "a_slip_of_another_round_looks_mistyped"])),
    (
        "A3",
        Whole(&[
            "whoever_changes_anything_changes_the_fingerprint",
            "nothing_is_cast_under_another_definition_or_into_a_sealed_box",
        ]),
    ),
    (
        "A4",
        Whole(&[
            "a_book_with_one_slip_more_or_less_is_refused",
            "every_property_of_the_anonymous_road_holds_in_every_world",
        ]),
    ),
    (
        "A5",
        Whole(&[
            "the_printed_order_is_chance_against_the_order_of_making",
            "the_sheets_hold_every_slip_once_and_areas_apart",
        ]),
    ),
    (
        "A6",
        Whole(&[
            "a_round_with_an_area_of_fewer_than_two_groups_is_refused",
            "small_neighbourhoods_are_joined_before_anything_is_printed",
        ]),
    ),
    ("A7", Whole(&["the_order_of_visits_is_in_nothing"])),
    (
        "A8",
        Whole(&[
            "double_use_returned_slips_and_repeats_are_named",
            "slips_that_are_not_accounted_for_and_missing_stubs_are_printed",
            "what_was_on_a_lost_phone_alone_is_told_by_the_stubs",
            "stubs_and_slips_tell_what_a_changed_phone_or_a_hand_in_the_stack_did",
        ]),
    ),
    (
        "A9",
        Whole(&[
            "only_the_slip_opens_the_draft",
            "the_stores_key_alone_reads_no_answer",
            "a_draft_that_nobody_touches_is_erased_after_fifteen_minutes",
            "leaving_the_frame_wipes_what_was_said",
            "the_stores_key_reads_nothing_that_was_said_before_casting_or_after",
        ]),
    ),
    ("A10", Open(SCREENS)),
    ("A11", Open(SCREENS)),
    (
        "A12",
        Partly(
            &["two_phones_with_equal_stores_seal_under_different_names_and_codes"],
            "with the release builds of the apps",
        ),
    ),
    ("A13", Partly(&["what_gives_somebody_away_is_told_and_ordinary_words_are_not"], SCREENS)),
    ("A14", Whole(&["two_envelopes_of_one_slip_share_nothing_but_format_and_round"])),
    (
        "A15",
        Whole(&[
            "a_copy_under_another_name_round_template_or_definition_does_not_open",
            "only_one_way_of_writing_a_ballot_is_read",
        ]),
    ),
    (
        "A16",
        Whole(&["whoever_stuffs_a_box_gains_nothing", "every_property_of_the_anonymous_road_holds_in_every_world"]),
    ),
    ("A17", Whole(&["casting_is_one_transaction"])),
    (
        "A18",
        Whole(&[
            "where_an_envelope_lies_is_chance",
            "whoever_has_every_file_guesses_no_better_than_chance",
            "every_envelope_stands_once_in_all_pages_and_nowhere_after_it_was_listed",
        ]),
    ),
    (
        "A19",
        Whole(&[
            "equal_envelopes_under_other_salts_are_other_leaves",
            "a_box_out_of_a_copy_never_speaks_under_the_name_of_the_one_it_was_copied_from",
            "a_phone_out_of_an_older_copy_doubles_nothing_and_loses_nothing_that_it_holds",
            "nobody_but_its_own_volunteer_and_the_office_is_told_of_a_seal",
        ]),
    ),
    (
        "A20",
        Whole(&[
            "a_late_batch_proves_its_seal_or_nothing",
            "a_seal_is_read_over_the_telephone",
            "a_box_that_was_changed_after_its_seal_is_known",
            "after_closing_a_box_goes_with_the_proof_of_its_seal",
            "what_residents_said_is_counted_published_and_destroyed",
            "every_property_of_the_anonymous_road_holds_in_every_world",
        ]),
    ),
    (
        "A21",
        Partly(
            &[
                "fewer_than_five_wait_for_company_or_the_seal",
                "a_batch_is_repeated_unchanged_until_it_arrived",
                "every_property_of_the_anonymous_road_holds_in_every_world",
            ],
            "for a phone out of an older copy, which cannot know what travelled together",
        ),
    ),
    (
        "A22",
        Whole(&[
            "a_batch_is_as_long_for_one_envelope_as_for_fifteen",
            "every_parcel_of_a_round_has_one_length",
            "the_moment_is_anywhere_in_the_hours_after",
            "a_moment_stands_until_it_passed_and_two_missed_ones_are_enough",
            "no_connection_goes_on_with_an_earlier_one",
            "whoever_listens_on_the_way_learns_neither_words_nor_who_speaks",
        ]),
    ),
    (
        "A23",
        Whole(&["a_phone_takes_no_admission_key_but_the_one_of_the_definition", "nothing_of_the_admission_is_on_disk"]),
    ),
    (
        "A24",
        Whole(&[
            "what_is_listed_is_gone_and_the_rest_stays",
            "what_a_copy_brings_back_is_forgotten_once_it_travelled_again",
            "whoever_has_every_file_guesses_no_better_than_chance",
        ]),
    ),
    (
        "A25",
        Whole(&[
            "where_an_envelope_lies_does_not_tell_when_it_came",
            "whoever_has_every_file_guesses_no_better_than_chance",
        ]),
    ),
    (
        "A26",
        Whole(&[
            "a_list_waits_for_the_next_day_and_for_twenty_names",
            "two_files_of_a_box_of_feedback_differ_by_a_whole_list",
        ]),
    ),
    ("A27", Whole(&["a_list_grows_by_twenty_or_ends", "a_list_waits_for_the_next_day_and_for_twenty_names"])),
    (
        "A28",
        Whole(&[
            "journal_and_times_tell_the_day_alone",
            "two_residents_who_change_places_change_nothing_that_is_left",
            "what_the_office_sees_before_the_count_does_not_tell_who_answered",
        ]),
    ),
    (
        "A29",
        Whole(&[
            "every_property_of_the_anonymous_road_holds_in_every_world",
            "every_crate_links_only_the_floors_below_it",
            "nothing_unscreened_and_no_code_is_ever_in_the_office",
        ]),
    ),
    (
        "A30",
        Whole(&[
            "a_list_without_a_name_of_the_one_before_does_not_follow_it",
            "a_list_that_was_rewritten_is_refused",
            "a_server_that_went_back_past_its_list_is_found_out",
            "a_round_takes_envelopes_on_its_days_and_no_more_than_can_come",
        ]),
    ),
    ("A31", Whole(&["what_the_office_sees_before_the_count_does_not_tell_who_answered"])),
    (
        "A32",
        Whole(&[
            "no_party_to_a_round_holds_a_share_of_its_key",
            "the_three_holders_are_three_people_of_whom_one_may_be_from_the_office",
        ]),
    ),
    (
        "A33",
        Whole(&[
            "a_file_with_one_changed_byte_is_refused",
            "a_server_that_changes_a_part_and_signs_again_is_found_out",
            "a_box_that_was_changed_is_not_opened",
        ]),
    ),
    ("A34", Whole(&["names_and_order_of_envelopes_leave_nothing_in_the_outcome"])),
    (
        "A35",
        Whole(&[
            "an_outcome_is_signed_by_two_holders_of_its_round",
            "the_exact_tally_has_no_way_of_being_written",
            "an_order_about_a_round_that_cannot_be_carried_out_says_why",
        ]),
    ),
    (
        "A36",
        Whole(&[
            "a_count_that_does_not_add_up_is_stopped",
            "what_does_not_add_up_goes_on_only_with_a_reason_that_is_printed",
            "fewer_ballots_than_the_smallest_group_are_never_counted",
            "a_server_that_went_back_past_its_list_is_found_out",
        ]),
    ),
    (
        "A37",
        Whole(&[
            "every_kind_of_envelope_is_counted_and_the_sums_agree",
            "every_property_of_the_anonymous_road_holds_in_every_world",
        ]),
    ),
    (
        "A38",
        Whole(&[
            "the_word_of_a_recount_changes_with_every_number",
            "a_round_about_people_is_published_after_a_second_pair_found_the_same",
            "the_minutes_say_when_set_aside_ballots_could_change_a_band",
        ]),
    ),
    ("A39", Whole(&["texts_leave_shuffled_for_two_screeners_and_for_neither_alone"])),
    ("A40", Whole(&["no_hidden_count_can_be_worked_out_and_no_unanimity_learnt"])),
    ("A41", Whole(&["up_to_four_respondents_never_learn_that_all_others_took_one_side"])),
    ("A42", Whole(&["a_hidden_area_is_never_alone", "communes_that_look_alike_differ_in_every_hidden_area"])),
    ("A43", Whole(&["an_area_under_thirty_opinions_needs_two_carriers"])),
    ("A44", Whole(&["no_hidden_count_can_be_worked_out_and_no_unanimity_learnt"])),
    (
        "A45",
        Whole(&[
            "only_published_cells_are_printed",
            "two_counts_that_differ_only_in_hidden_areas_have_one_page_one_poster_and_one_sheet",
        ]),
    ),
    (
        "A46",
        Whole(&[
            "the_same_is_not_asked_twice_within_ninety_days",
            "what_residents_said_is_counted_published_and_destroyed",
        ]),
    ),
    (
        "A47",
        Whole(&[
            "what_is_said_about_people_and_offices_opens_for_two_of_three_alone",
            "what_is_protected_opens_for_two_holders_alone",
            "protection_is_offered_where_somebody_listed_is_named_and_nothing_protects_it_yet",
        ]),
    ),
    (
        "A48",
        Whole(&[
            "cases_are_equal_for_permuted_arrivals",
            "cases_lie_alike_in_whatever_order_they_came",
            "fewer_than_five_wait_for_five_working_days_and_their_number_is_not_said",
            "an_area_stays_only_where_enough_texts_share_it",
            "feedback_waits_for_five_working_days_at_most",
        ]),
    ),
    (
        "A49",
        Whole(&[
            "only_screened_words_leave_and_a_denunciation_is_a_number",
            "a_unit_of_the_directory_gets_the_paraphrase_alone",
            "no_word_that_was_screened_out_and_no_code_is_anywhere_but_with_its_resident",
        ]),
    ),
    (
        "A50",
        Whole(&[
            "an_answer_is_found_with_its_code_and_the_code_is_dead_afterwards",
            "a_file_is_as_long_for_no_answer_as_for_thirty_two",
            "public_answers_are_the_same_bytes_for_every_caller",
            "every_fetch_asks_for_the_same",
            "a_browser_opens_the_answer_and_sends_nothing_of_the_code",
        ]),
    ),
    ("A51", Whole(&["no_cell_and_no_difference_is_small", "figures_say_nothing_of_a_few"])),
    (
        "A52",
        Whole(&[
            "what_residents_said_is_counted_published_and_destroyed",
            "screened_texts_are_destroyed_with_the_box_of_their_round",
        ]),
    ),
];

fn house() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The text of every source file below a folder.
fn text_below(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path: PathBuf = entry.path();
        let is_hidden = path.file_name().is_some_and(|name| name == "target" || name == "node_modules");
        if path.is_dir() && !is_hidden {
            text_below(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_rule_names_tests_that_exist_or_where_they_will_be() {
    let mut text = String::new();
    ["core", "server", "tests"].iter().for_each(|folder| text_below(&house().join(folder), &mut text));
    for (rule, proof) in &RULES {
        let (tests, rest) = match proof {
            Whole(tests) => (*tests, None),
            Partly(tests, rest) => (*tests, Some(*rest)),
            Open(rest) => (&[][..], Some(*rest)),
        };
        assert!(!tests.is_empty() || rest.is_some_and(|rest| !rest.is_empty()), "{rule} names neither");
        for test in tests {
            assert!(text.contains(&format!("fn {test}(")), "{rule} names {test}, which does not exist");
        }
    }
    let open = RULES.iter().filter(|(_, proof)| matches!(proof, Open(_))).count();
    assert_eq!(open, OPEN, "a rule that is proved now is no longer counted as open");
}

#[test]
fn the_table_has_every_rule_that_is_written_down_in_its_order() {
    let written = fs::read_to_string(house().join("core/model/ANONYMITY_RULES.md")).unwrap();
    let rules = written.lines().filter_map(|line| line.strip_prefix("| A")?.split_once(' ')).map(|(number, _)| number);
    let rules: Vec<String> = rules.map(|number| format!("A{number}")).collect();
    assert_eq!(rules, RULES.iter().map(|(rule, _)| (*rule).to_owned()).collect::<Vec<_>>());
}
