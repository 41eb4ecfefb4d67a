//! Bad input, class by class, and the tests that hold the program to what is expected of it there. A test that
//! is renamed or gone is missed here.

use std::collections::BTreeMap;

use super::tree::files;

struct Class {
    input: &'static str,
    expected: &'static str,
    /// `path: name`
    tests: &'static [&'static str],
}

const CLASSES: &[Class] = &[
    Class {
        input: "a truncated file, half a last line",
        expected: "whole records are read, the rest is shown as incomplete and read again when it grows",
        tests: &[
            "src/input/ingest/tests/mod.rs: cut_at_every_byte_rows_only_grow",
            "src/input/ingest/tests/changing.rs: an_unfinished_last_line_is_shown_and_then_replaced",
            "src/input/decoders/json/tests/damage.rs: a_cut_anywhere_only_takes_from_the_end",
            "src/input/open/tests/changing.rs: an_event_without_its_end_is_shown_and_then_replaced",
            "src/input/sources/tests/xml.rs: a_log_cut_anywhere_keeps_its_whole_events",
            "tests/real_logs/damage.rs: files_cut_off_anywhere",
            "tests/cli/damage.rs: a_log_cut_at_any_byte_gives_its_whole_records",
        ],
    },
    Class {
        input: "invalid UTF-8",
        expected: "bytes are kept, shown with marks and exported as they are",
        tests: &[
            "src/input/decoders/json/tests/damage.rs: bytes_that_are_no_text_are_kept",
            "src/gui/panels/inspector/text.rs: bytes_that_are_no_text_are_broken_too",
            "src/gui/panels/parts/preview.rs: a_preview_is_one_short_visible_line",
            "tests/cli/damage.rs: bytes_that_are_no_text_come_out_as_they_went_in",
        ],
    },
    Class {
        input: "a line or an event of 100 MB",
        expected: "one undecodable record, little memory, shown in parts, never laid out as a whole",
        tests: &[
            "src/input/ingest/tests/mod.rs: a_line_longer_than_any_record_is_one_row",
            "tests/cli/large.rs: a_record_longer_than_any_may_be_is_one_undecodable_one",
            "tests/panels/inspector.rs: of_a_payload_of_megabytes_only_what_is_seen_is_laid_out",
        ],
    },
    Class {
        input: "deep JSON",
        expected: "the record is undecodable, and no stack is used up",
        tests: &[
            "src/input/decoders/json/tests/damage.rs: nesting_ends_at_the_limit_of_the_parser_that_reads_records_again",
            "src/input/decoders/json/tests/damage.rs: depth_costs_no_stack",
            "src/gui/widgets/json/scan.rs: a_million_brackets_need_no_stack",
            "tests/cli/damage.rs: deep_nesting_and_long_lines_end_well",
            "tests/brokers/rabbitmq/deep.rs: headers_nested_without_end_end_the_look_and_not_the_program",
        ],
    },
    Class {
        input: "a key twice in one object",
        expected: "both are shown and marked; whoever takes one value takes the last",
        tests: &[
            "src/gui/widgets/json/model.rs: repeated_names_stay_and_are_marked",
            "tests/panels/inspector.rs: a_name_that_is_there_twice_is_marked",
            "src/input/decoders/json/tests/rows.rs: the_last_of_equal_keys_counts",
            "tests/sandbox/forms.rs: of_a_name_that_is_there_twice_the_last_counts",
            "tests/cli/damage.rs: numbers_and_doubled_keys_keep_their_text",
        ],
    },
    Class {
        input: "huge and precise numbers",
        expected: "their text is kept, they are compared exactly, and who loses digits is warned",
        tests: &[
            "src/analysis/state/value/number.rs: literals_print_as_they_were_written",
            "src/analysis/state/value/number.rs: sums_are_exact",
            "src/requeue/patch.rs: numbers_keep_their_text",
            "tests/sandbox/forms.rs: numbers_that_lose_digits_are_warned_of_once",
            "tests/cli/damage.rs: numbers_and_doubled_keys_keep_their_text",
        ],
    },
    Class {
        input: "NUL and binary",
        expected: "escaped where it is shown, and nothing ends there",
        tests: &[
            "src/input/decoders/json/tests/damage.rs: blank_lines_returns_marks_and_nul_do_no_harm",
            "src/gui/panels/parts/header.rs: headers_say_what_their_bytes_mean",
            "src/gui/widgets/text.rs: what_cannot_be_seen_is_written_out",
            "src/model/message/tests.rs: a_message_is_its_record",
        ],
    },
    Class {
        input: "byte-order marks, UTF-16 and other encodings",
        expected: "recognised and read; places lead back to the file's own bytes",
        tests: &[
            "src/input/sources/tests.rs: utf16_becomes_utf8",
            "src/input/sources/tests.rs: utf16_positions_lead_back_to_the_file",
            "src/input/sources/tests.rs: every_encoding_that_is_offered_is_read_and_its_places_found_again",
            "src/input/sources/tests.rs: what_is_no_character_is_said_once_with_its_place",
            "tests/cli/sources.rs: text_in_another_encoding_is_read_when_it_is_named",
            "src/input/sources/tests.rs: lone_halves_are_marked",
            "src/input/open/tests.rs: a_byte_order_mark_is_said",
            "tests/cli/sources.rs: other_encodings_are_read",
        ],
    },
    Class {
        input: "gzip and zstd with several members, garbage behind, or cut",
        expected: "all members are read; what came before damage is kept, and the damage is said",
        tests: &[
            "src/input/sources/tests.rs: members_are_joined_and_names_lose_their_endings",
            "src/input/sources/tests.rs: garbage_at_the_end_is_said_and_kept_out",
            "src/input/sources/tests.rs: a_truncated_file_keeps_what_came_before",
            "tests/cli/sources.rs: a_compressed_log_that_breaks_off_gives_what_came",
        ],
    },
    Class {
        input: "compressed bombs",
        expected: "unpacking stops out of proportion, and a person may go on",
        tests: &[
            "src/input/sources/tests.rs: a_bomb_is_stopped_unless_it_is_allowed",
            "src/input/sources/tests.rs: layers_cannot_multiply_their_ratios",
            "src/input/sources/tests.rs: a_window_too_large_is_refused",
            "src/input/codecs/packing.rs: bombs_and_damage_are_refused",
            "tests/cli/large.rs: unpacking_out_of_proportion_is_a_persons_choice",
        ],
    },
    Class {
        input: "a file that grows",
        expected: "only what is new is read, and nothing is missed or doubled",
        tests: &[
            "src/input/ingest/tests/changing.rs: appended_lines_are_read_as_they_come",
            "src/input/open/tests/changing.rs: no_line_of_a_fast_writer_is_missed_or_doubled",
            "src/input/open/tests/changing.rs: a_document_is_followed_however_it_is_written",
            "src/input/open/tests.rs: a_table_is_followed_by_whole_rows",
            "src/input/sources/sqlite/hostile.rs: new_rows_are_followed",
        ],
    },
    Class {
        input: "rotation",
        expected: "the old file is read to its end, then the new one; what was overwritten says that it is gone",
        tests: &[
            "src/input/open/tests.rs: a_rotated_log_is_followed_in_both_ways",
            "src/input/open/tests/changing.rs: rotating_again_and_again_loses_no_line",
            "src/input/open/tests/changing.rs: events_of_a_log_that_was_overwritten_say_that_their_bytes_are_gone",
            "src/input/open/tests/changing.rs: what_leaves_a_document_stays_listed_and_can_be_read",
        ],
    },
    Class {
        input: "truncated while it is read",
        expected: "the program goes on, a thousand times",
        tests: &[
            "tests/cli/damage.rs: a_file_truncated_a_thousand_times_while_it_is_read_ends_nothing",
            "src/input/open/tests/changing.rs: a_followed_file_truncated_a_thousand_times_ends_nothing",
            "src/input/ingest/tests/changing.rs: a_source_that_shrinks_while_it_is_read_ends_nothing",
        ],
    },
    Class {
        input: "clock skew, out of order, equal times",
        expected: "ordered by place and by time as asked; negative durations are told, not dropped",
        tests: &[
            "src/input/ingest/tests/mod.rs: sources_keep_their_order",
            "src/analysis/rows/tests.rs: sources_are_merged_by_time_and_rows_without_time_stay_behind_their_neighbour",
            "src/analysis/lints/rules/effect_before_cause.rs: fires_per_pair_of_services",
            "src/gui/panels/inspector/model.rs: distances_carry_their_sign",
        ],
    },
    Class {
        input: "times in any form",
        expected: "read by the column's unit; edges hold",
        tests: &[
            "src/model/time/tests.rs: forms_of_the_same_instant",
            "src/model/time/tests.rs: dates_alone_are_midnight_and_edges_hold",
            "src/model/time/tests.rs: a_columns_unit_is_the_one_that_most_values_have",
            "src/model/time/tests.rs: what_we_write_we_read",
        ],
    },
    Class {
        input: "control, bidirectional and zero-width characters",
        expected: "written out where shown, copied as they are; a target that looks like another is warned of",
        tests: &[
            "src/base/unusual.rs: every_format_and_control_character_is_unusual",
            "src/base/unusual.rs: names_that_look_like_others_are_odd",
            "src/gui/widgets/text.rs: what_cannot_be_seen_is_written_out",
            "src/gui/widgets/json/model.rs: what_cannot_be_seen_is_copied_as_it_is",
            "src/requeue/plan/tests.rs: a_target_that_looks_like_another_is_warned_of",
        ],
    },
    Class {
        input: "what a terminal or a link would do",
        expected: "escaped; nothing from a log is ever opened",
        tests: &[
            "tests/cli/damage.rs: nothing_that_a_terminal_would_obey_gets_into_text",
            "src/cli/out.rs: a_terminal_gets_escapes_and_a_pipe_gets_bytes",
            "tests/tidy/bad_input.rs: no_text_becomes_a_link",
        ],
    },
    Class {
        input: "formulas in exported tables",
        expected: "disarmed unless exact cells are asked for; numbers stay numbers",
        tests: &[
            "src/base/spreadsheet.rs: formulas_are_disarmed_and_numbers_stay",
            "tests/cli/damage.rs: cells_are_disarmed_unless_exact_ones_are_asked_for",
        ],
    },
    Class {
        input: "a hostile SQLite file",
        expected: "only tables are read, to an end, and nothing beside the file changes",
        tests: &[
            "src/input/sources/sqlite/hostile.rs: views_and_triggers_are_never_run",
            "src/input/sources/sqlite/hostile.rs: damaged_databases_end",
            "src/input/sources/sqlite/hostile.rs: a_tree_that_lies_ends",
            "src/input/sources/sqlite/hostile.rs: a_missing_wal_and_a_wrong_page_size_are_no_crash",
            "src/input/sources/sqlite/hostile.rs: a_database_at_rest_in_wal_mode_stays_untouched",
        ],
    },
    Class {
        input: "thousands of files, headers, rows, partitions",
        expected: "lists draw what is in sight; of headers the first hundred are shown one by one",
        tests: &[
            "tests/cli/large.rs: more_files_than_a_program_may_have_open_make_one_log",
            "tests/brokers/kafka/large.rs: ten_thousand_partitions_are_listed_and_read",
            "tests/panels/bodies.rs: of_thousands_of_headers_the_first_are_shown",
            "src/gui/widgets/table/tests.rs: any_length_can_be_scrolled_from_end_to_end_row_by_row",
        ],
    },
    Class {
        input: "links, pipes, endless devices, files without a size",
        expected: "read as streams with a limit; exports never go through a link",
        tests: &[
            "src/input/open/tests.rs: a_pipe_is_read_while_it_flows",
            "src/input/open/tests.rs: an_endless_device_ends",
            "src/input/open/tests.rs: a_file_without_a_size_is_read_as_a_stream",
            "src/input/sources/address/tests.rs: links_are_followed_and_loops_are_not",
            "src/base/files.rs: a_link_is_refused_and_a_device_written",
            "tests/cli/damage.rs: exports_do_not_follow_links",
        ],
    },
];

#[test]
fn each_class_of_bad_input_has_its_tests() {
    let texts: BTreeMap<String, String> =
        files(&["src", "tests"]).into_iter().map(|file| (file.path, file.text)).collect();
    let mut lacking = Vec::new();
    for class in CLASSES {
        assert!(!class.tests.is_empty() && !class.expected.is_empty(), "{}", class.input);
        for test in class.tests {
            let there = test.split_once(": ").is_some_and(|(path, name)| {
                texts.get(path).is_some_and(|text| text.contains("#[test]") && text.contains(&format!("fn {name}(")))
            });
            if !there {
                lacking.push(format!("{}: {test}", class.input));
            }
        }
    }
    assert!(lacking.is_empty(), "Tests that are not there:\n  {}", lacking.join("\n  "));
}

/// A link in a log leads where its writer wants. None is ever made of foreign text.
#[test]
fn no_text_becomes_a_link() {
    let opens = ["hyperlink(", "hyperlink_to(", "Hyperlink::", "OpenUrl", "open_url("];
    let found: Vec<String> = files(&["src"])
        .iter()
        .flat_map(|file| {
            let lines = file.code_lines().filter(|(_, line)| opens.iter().any(|open| line.contains(open)));
            lines.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
