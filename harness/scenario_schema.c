/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/scenario_schema.h"

#include "harness/peers/serial_peer.h"
#include "harness/scenario.h"

#define TEXT_MAX  200u
#define LIST_MAX  64u
#define STEPS_MAX 200u

/* Shorthands: a key that must be there, and one that may. All text is kept as written. */
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAX)
#define TEXT_OR_NONE(key, type, member)                                                                                \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, TEXT_MAX)
#define WORD(key, type, member, words)                                                                                 \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, type, member, words, CYAML_ARRAY_LEN(words))
#define WORD_OR_NONE(key, type, member, words)                                                                         \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, type, member, words, CYAML_ARRAY_LEN(words))
#define GROUP_OR_NONE(key, type, member, fields)                                                                       \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define LIST_OR_NONE(key, type, member, entry, most)                                                                   \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, entry, 1, most)

static const cyaml_strval_t bank_words[] = {{"bank1", BANK_1}, {"bank2", BANK_2}};
static const cyaml_strval_t bank_numbers[] = {{"1", BANK_1}, {"2", BANK_2}};
static const cyaml_strval_t bit_words[] = {{"0", OPTION_IS_0}, {"1", OPTION_IS_0 + 1}};
static const cyaml_strval_t bor_words[] = {
    {"0", OPTION_IS_0}, {"1", OPTION_IS_0 + 1}, {"2", OPTION_IS_0 + 2}, {"3", OPTION_IS_0 + 3}, {"4", OPTION_IS_0 + 4}};
static const cyaml_strval_t level_words[] = {{"0", 0}, {"1", 1}, {"released", -1}};
static const cyaml_strval_t protocol_words[] = {{"ymodem", 0}};
static const cyaml_strval_t outcome_words[] = {
    {"done", SEND_DONE}, {"cancelled", SEND_CANCELLED}, {"gave-up", SEND_GAVE_UP}, {"any", SEND_ANY}};
static const cyaml_strval_t power_words[] = {{"cycle", RESTART_POWER}};
static const cyaml_strval_t reset_words[] = {{"pin", RESTART_PIN}};
static const cyaml_strval_t restart_words[] = {{"power", RESTART_POWER}, {"pin", RESTART_PIN}};
static const cyaml_strval_t erase_words[] = {
    {"mass", PROBE_ERASE_MASS}, {"bank1", PROBE_ERASE_BANK1}, {"bank2", PROBE_ERASE_BANK2}};
static const cyaml_strval_t corrupt_words[] = {{"data", CORRUPT_DATA}, {"ecc", CORRUPT_ECC}};

static const cyaml_strval_t at_words[] = {
    {"program", CUT_AT_PROGRAM}, {"erase", CUT_AT_ERASE}, {"option", CUT_AT_OPTION}};
static const cyaml_strval_t window_words[] = {{"boot", WINDOW_BOOT}, {"swap", WINDOW_SWAP}};
static const cyaml_strval_t ram_words[] = {{"noise", RAM_NOISE}, {"zero", RAM_ZERO}, {"retained", RAM_RETAINED}};
/* the names that tear_name prints */
static const cyaml_strval_t tear_words[] = {{"old", TEAR_OLD},
                                            {"new", TEAR_NEW},
                                            {"corrected", TEAR_CORRECTED},
                                            {"uncorrectable", TEAR_UNCORRECTABLE},
                                            {"miscorrected", TEAR_MISCORRECTED},
                                            {"low-half", TEAR_LOW_HALF},
                                            {"high-half", TEAR_HIGH_HALF},
                                            {"unstable-old", TEAR_UNSTABLE_OLD},
                                            {"unstable-new", TEAR_UNSTABLE_NEW},
                                            {"unstable-eccd", TEAR_UNSTABLE_ECCD},
                                            {"unstable-new-old", TEAR_UNSTABLE_NEW_OLD},
                                            {"unstable-old-new", TEAR_UNSTABLE_OLD_NEW},
                                            {"marginal", TEAR_MARGINAL},
                                            {"partial", TEAR_PARTIAL},
                                            {"weak", TEAR_WEAK},
                                            {"fading", TEAR_FADING}};

static const cyaml_strval_t way_words[] = {{"to_board", LINE_TO_BOARD}, {"from_board", LINE_FROM_BOARD}};
static const cyaml_strval_t line_words[] = {
    {"lost", LINE_LOST}, {"doubled", LINE_DOUBLED}, {"corrupted", LINE_CORRUPTED}};
static const cyaml_strval_t fault_reset_words[] = {{"pin", RESET_PIN}, {"watchdog", RESET_IWDG}};
static const cyaml_strval_t flip_words[] = {{"data", FLIP_DATA}, {"check", FLIP_CHECK}, {"double", FLIP_DOUBLE}};
static const cyaml_strval_t when_words[] = {{"before", FLIP_BEFORE}, {"running", FLIP_RUNNING}, {"after", FLIP_AFTER}};

static const cyaml_schema_value_t way_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, way_words, CYAML_ARRAY_LEN(way_words))};
static const cyaml_schema_value_t line_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, line_words, CYAML_ARRAY_LEN(line_words))};
static const cyaml_schema_value_t fault_reset_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, fault_reset_words, CYAML_ARRAY_LEN(fault_reset_words))};
static const cyaml_schema_value_t flip_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, flip_words, CYAML_ARRAY_LEN(flip_words))};
static const cyaml_schema_value_t at_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, at_words, CYAML_ARRAY_LEN(at_words))};
static const cyaml_schema_value_t tear_entry = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, tear_words, CYAML_ARRAY_LEN(tear_words))};

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

static const cyaml_schema_field_t wait_fields[] = {TEXT("uart", struct scenario_wait, uart),
                                                   TEXT("text", struct scenario_wait, text),
                                                   TEXT("within", struct scenario_wait, within), CYAML_FIELD_END};

static const cyaml_schema_field_t send_fields[] = {
    TEXT("uart", struct scenario_send, uart),
    WORD("protocol", struct scenario_send, protocol, protocol_words),
    TEXT("image", struct scenario_send, image_name),
    TEXT_OR_NONE("command", struct scenario_send, command),
    WORD_OR_NONE("outcome", struct scenario_send, outcome, outcome_words),
    TEXT_OR_NONE("within", struct scenario_send, within),
    CYAML_FIELD_END};

static const cyaml_schema_field_t type_fields[] = {TEXT("uart", struct scenario_type, uart),
                                                   TEXT("text", struct scenario_type, text), CYAML_FIELD_END};

static const cyaml_schema_field_t pin_fields[] = {
    TEXT("name", struct scenario_pin, name), WORD("level", struct scenario_pin, level, level_words), CYAML_FIELD_END};

static const cyaml_schema_field_t supply_fields[] = {TEXT("volts", struct scenario_supply, volts),
                                                     TEXT_OR_NONE("after", struct scenario_supply, after),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t corrupt_fields[] = {
    TEXT("at", struct scenario_corrupt, at),
    CYAML_FIELD_UINT("offset", CYAML_FLAG_DEFAULT, struct scenario_corrupt, offset),
    WORD("kind", struct scenario_corrupt, kind, corrupt_words), CYAML_FIELD_END};

static const cyaml_schema_field_t probe_fields[] = {
    WORD_OR_NONE("erase", struct scenario_probe, erase, erase_words),
    TEXT_OR_NONE("program", struct scenario_probe, program),
    TEXT_OR_NONE("verify", struct scenario_probe, verify),
    TEXT_OR_NONE("blank", struct scenario_probe, blank),
    TEXT_OR_NONE("at", struct scenario_probe, at),
    CYAML_FIELD_UINT("size", CYAML_FLAG_OPTIONAL, struct scenario_probe, size),
    WORD_OR_NONE("reset", struct scenario_probe, reset, restart_words),
    CYAML_FIELD_END};
static const cyaml_schema_value_t probe_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scenario_probe, probe_fields)};

/* Checked, but not loaded by libcyaml: where a text goes does not matter. */
struct written_heartbeat {
    char *pin, *max_gap;
};
static const cyaml_schema_field_t heartbeat_fields[] = {
    TEXT("pin", struct written_heartbeat, pin), TEXT("max_gap", struct written_heartbeat, max_gap), CYAML_FIELD_END};
const cyaml_schema_value_t heartbeat_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct written_heartbeat, heartbeat_fields)};
const cyaml_schema_value_t heartbeats_schema = {
    CYAML_VALUE_SEQUENCE(CYAML_FLAG_POINTER, struct written_heartbeat *, &heartbeat_schema, 1, HEARTBEATS_MAX)};

static const cyaml_schema_field_t bytes_fields[] = {WORD("bank", struct check_bytes, bank, bank_words),
                                                    TEXT("image", struct check_bytes, image_name), CYAML_FIELD_END};
static const cyaml_schema_value_t bytes_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct check_bytes, bytes_fields)};

static const cyaml_schema_field_t ops_fields[] = {
    TEXT_OR_NONE("programs", struct check_ops, programs.text), TEXT_OR_NONE("erases", struct check_ops, erases.text),
    TEXT_OR_NONE("option_erases", struct check_ops, option_erases.text),
    TEXT_OR_NONE("option_programs", struct check_ops, option_programs.text), CYAML_FIELD_END};

static const cyaml_schema_field_t resets_fields[] = {
    TEXT_OR_NONE("software", struct check_resets, software.text), TEXT_OR_NONE("pin", struct check_resets, pin.text),
    TEXT_OR_NONE("watchdog", struct check_resets, watchdog.text),
    TEXT_OR_NONE("option_load", struct check_resets, option_load.text), CYAML_FIELD_END};

static const cyaml_schema_field_t boot_text_fields[] = {
    TEXT("text", struct boot_text, text), TEXT_OR_NONE("slot_equals", struct boot_text, slot_name),
    TEXT_OR_NONE("bank_equals", struct boot_text, bank_name), CYAML_FIELD_END};
static const cyaml_schema_value_t boot_text_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct boot_text, boot_text_fields)};

static const cyaml_schema_field_t each_boot_fields[] = {
    TEXT("uart", struct check_each_boot, uart), TEXT("within", struct check_each_boot, within),
    CYAML_FIELD_SEQUENCE("any_of", CYAML_FLAG_POINTER, struct check_each_boot, any_of, &boot_text_entry, 1, 16),
    CYAML_FIELD_END};

static const cyaml_schema_field_t reboots_fields[] = {
    CYAML_FIELD_UINT("count", CYAML_FLAG_DEFAULT, struct check_reboots, count),
    CYAML_FIELD_BOOL("same_image", CYAML_FLAG_DEFAULT, struct check_reboots, same_image), CYAML_FIELD_END};

static const cyaml_schema_field_t never_back_fields[] = {TEXT("after", struct never_pair, after),
                                                         TEXT("never", struct never_pair, never), CYAML_FIELD_END};
static const cyaml_schema_value_t never_back_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct never_pair, never_back_fields)};

static const cyaml_schema_field_t power_cut_fields[] = {
    LIST_OR_NONE("at", struct power_cut, at, &at_entry, 3),
    TEXT_OR_NONE("every", struct power_cut, every),
    WORD_OR_NONE("instructions", struct power_cut, instructions, window_words),
    LIST_OR_NONE("tears", struct power_cut, tears, &tear_entry, TEAR_COUNT),
    CYAML_FIELD_UINT("seeds", CYAML_FLAG_OPTIONAL, struct power_cut, seeds),
    CYAML_FIELD_UINT("depth", CYAML_FLAG_OPTIONAL, struct power_cut, depth),
    WORD_OR_NONE("ram", struct power_cut, ram, ram_words),
    CYAML_FIELD_END};

static const cyaml_schema_field_t fault_bytes_fields[] = {
    TEXT("uart", struct fault_bytes, uart),
    LIST_OR_NONE("directions", struct fault_bytes, directions, &way_entry, LINE_WAYS),
    LIST_OR_NONE("kinds", struct fault_bytes, kinds, &line_entry, LINE_FAULTS),
    CYAML_FIELD_UINT("sample", CYAML_FLAG_OPTIONAL, struct fault_bytes, sample), CYAML_FIELD_END};

static const cyaml_schema_field_t fault_cable_fields[] = {
    TEXT("uart", struct fault_cable, uart), TEXT("out", struct fault_cable, out),
    TEXT("every", struct fault_cable, every),
    CYAML_FIELD_UINT("sample", CYAML_FLAG_OPTIONAL, struct fault_cable, sample), CYAML_FIELD_END};

static const cyaml_schema_field_t fault_resets_fields[] = {
    CYAML_FIELD_SEQUENCE("kinds", CYAML_FLAG_POINTER, struct fault_resets, kinds, &fault_reset_entry, 1, 2),
    CYAML_FIELD_SEQUENCE("at", CYAML_FLAG_POINTER, struct fault_resets, at, &at_entry, 1, 3),
    LIST_OR_NONE("tears", struct fault_resets, tears, &tear_entry, TEAR_COUNT),
    CYAML_FIELD_UINT("sample", CYAML_FLAG_OPTIONAL, struct fault_resets, sample), CYAML_FIELD_END};

static const cyaml_schema_field_t fault_flips_fields[] = {
    TEXT("at", struct fault_flips, at),
    CYAML_FIELD_UINT("size", CYAML_FLAG_DEFAULT, struct fault_flips, size),
    CYAML_FIELD_SEQUENCE("bits", CYAML_FLAG_POINTER, struct fault_flips, bits, &flip_entry, 1, 3),
    WORD("when", struct fault_flips, when, when_words),
    CYAML_FIELD_UINT("sample", CYAML_FLAG_OPTIONAL, struct fault_flips, sample),
    CYAML_FIELD_END};

static const cyaml_schema_field_t fault_op_errors_fields[] = {
    CYAML_FIELD_SEQUENCE("at", CYAML_FLAG_POINTER, struct fault_op_errors, at, &at_entry, 1, 2),
    CYAML_FIELD_UINT("sample", CYAML_FLAG_OPTIONAL, struct fault_op_errors, sample), CYAML_FIELD_END};

static const cyaml_schema_field_t faults_fields[] = {
    GROUP_OR_NONE("bytes", struct faults, bytes, fault_bytes_fields),
    GROUP_OR_NONE("cable", struct faults, cable, fault_cable_fields),
    GROUP_OR_NONE("resets", struct faults, resets, fault_resets_fields),
    GROUP_OR_NONE("flips", struct faults, flips, fault_flips_fields),
    GROUP_OR_NONE("op_errors", struct faults, op_errors, fault_op_errors_fields),
    CYAML_FIELD_END};

static const cyaml_schema_field_t expected_fields[] = {
    TEXT("cause", struct expected_failure, cause), TEXT("cases", struct expected_failure, cases.text), CYAML_FIELD_END};
static const cyaml_schema_value_t expected_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct expected_failure, expected_fields)};

static const cyaml_schema_field_t check_fields[] = {
    LIST_OR_NONE("text", struct scenario_check, text, &text_entry, LIST_MAX),
    LIST_OR_NONE("never_text", struct scenario_check, never_text, &text_entry, LIST_MAX),
    /* one mapping or a list of them: read from the tree, libcyaml has no such kind */
    CYAML_FIELD_IGNORE("heartbeat", CYAML_FLAG_OPTIONAL),
    LIST_OR_NONE("slot_equals", struct scenario_check, slot_equals, &bytes_entry, LIST_MAX),
    LIST_OR_NONE("bank_equals", struct scenario_check, bank_equals, &bytes_entry, LIST_MAX),
    WORD_OR_NONE("active_bank", struct scenario_check, active_bank, bank_numbers),
    GROUP_OR_NONE("ops", struct scenario_check, ops, ops_fields),
    GROUP_OR_NONE("resets", struct scenario_check, resets, resets_fields),
    TEXT_OR_NONE("guest_errors", struct scenario_check, guest_errors.text),
    TEXT_OR_NONE("remaps", struct scenario_check, remaps.text),
    TEXT_OR_NONE("ops_in_low_supply", struct scenario_check, ops_in_low_supply.text),
    CYAML_FIELD_BOOL("no_flash_copied", CYAML_FLAG_OPTIONAL, struct scenario_check, no_flash_copied),
    GROUP_OR_NONE("each_boot", struct scenario_check, each_boot, each_boot_fields),
    GROUP_OR_NONE("reboots", struct scenario_check, reboots, reboots_fields),
    LIST_OR_NONE("never_back", struct scenario_check, never_back, &never_back_entry, NEVER_BACK_MAX),
    GROUP_OR_NONE("after_retry", struct scenario_check, after_retry, wait_fields),
    CYAML_FIELD_UINT("cuts_at_least", CYAML_FLAG_OPTIONAL, struct scenario_check, cuts_at_least),
    CYAML_FIELD_UINT("faults_at_least", CYAML_FLAG_OPTIONAL, struct scenario_check, faults_at_least), CYAML_FIELD_END};

static const cyaml_schema_field_t step_fields[] = {
    GROUP_OR_NONE("send", struct scenario_step, send, send_fields),
    GROUP_OR_NONE("type", struct scenario_step, type, type_fields),
    GROUP_OR_NONE("wait", struct scenario_step, wait, wait_fields),
    TEXT_OR_NONE("wait_time", struct scenario_step, wait_time),
    WORD_OR_NONE("power", struct scenario_step, power, power_words),
    WORD_OR_NONE("reset", struct scenario_step, reset, reset_words),
    GROUP_OR_NONE("pin", struct scenario_step, pin, pin_fields),
    GROUP_OR_NONE("supply", struct scenario_step, supply, supply_fields),
    LIST_OR_NONE("probe", struct scenario_step, probe, &probe_entry, LIST_MAX),
    GROUP_OR_NONE("corrupt", struct scenario_step, corrupt, corrupt_fields),
    GROUP_OR_NONE("expect", struct scenario_step, expect, check_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t step_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scenario_step, step_fields)};

static const cyaml_schema_field_t place_fields[] = {TEXT("image", struct scenario_place, image_name),
                                                    TEXT("at", struct scenario_place, at), CYAML_FIELD_END};
static const cyaml_schema_value_t place_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scenario_place, place_fields)};

static const cyaml_schema_field_t wrp_fields[] = {
    CYAML_FIELD_UINT("first", CYAML_FLAG_DEFAULT, struct start_wrp, first),
    CYAML_FIELD_UINT("last", CYAML_FLAG_DEFAULT, struct start_wrp, last), CYAML_FIELD_END};
static const cyaml_schema_field_t options_fields[] = {WORD_OR_NONE("BFB2", struct start_options, bfb2, bit_words),
                                                      WORD_OR_NONE("BOR_LEV", struct start_options, bor_lev, bor_words),
                                                      WORD_OR_NONE("IWDG_SW", struct start_options, iwdg_sw, bit_words),
                                                      GROUP_OR_NONE("WRP1A", struct start_options, wrp[0], wrp_fields),
                                                      GROUP_OR_NONE("WRP1B", struct start_options, wrp[1], wrp_fields),
                                                      GROUP_OR_NONE("WRP2A", struct start_options, wrp[2], wrp_fields),
                                                      GROUP_OR_NONE("WRP2B", struct start_options, wrp[3], wrp_fields),
                                                      CYAML_FIELD_END};

static const cyaml_schema_field_t start_fields[] = {
    GROUP_OR_NONE("options", struct scenario_start, options, options_fields),
    LIST_OR_NONE("flash", struct scenario_start, flash, &place_entry, LIST_MAX),
    GROUP_OR_NONE("until", struct scenario_start, until, wait_fields), CYAML_FIELD_END};

static const cyaml_schema_field_t scenario_fields[] = {
    TEXT("title", struct scenario, title), TEXT("board", struct scenario, board_name),
    /* names of the author's choice: read from the tree, libcyaml has no such kind */
    CYAML_FIELD_IGNORE("images", CYAML_FLAG_OPTIONAL), TEXT_OR_NONE("seed", struct scenario, seed),
    CYAML_FIELD_IGNORE("knobs", CYAML_FLAG_OPTIONAL), /* likewise: names of the chip's */
    LIST_OR_NONE("wires", struct scenario, wires, &text_entry, LIST_MAX),
    GROUP_OR_NONE("start", struct scenario, start, start_fields),
    LIST_OR_NONE("steps", struct scenario, steps, &step_entry, STEPS_MAX),
    GROUP_OR_NONE("power_cut", struct scenario, power_cut, power_cut_fields),
    GROUP_OR_NONE("faults", struct scenario, faults, faults_fields),
    LIST_OR_NONE("expected_failures", struct scenario, expected_failures, &expected_entry, LIST_MAX),
    GROUP_OR_NONE("check", struct scenario, check, check_fields), CYAML_FIELD_END};

const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario, scenario_fields)};
