/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "sim/op.h"

#define ROUNDS 3000u

static void assert_cells_equal(struct cell a, struct cell b)
{
    assert_true(a.data == b.data);
    assert_int_equal(a.check, b.check);
    assert_int_equal(a.state, b.state);
    assert_true(a.old == b.old);
    assert_int_equal(a.old_check, b.old_check);
}

static bool only_ones_became_zeros(struct cell before, struct cell after)
{
    return (~before.data & after.data) == 0 && (~before.check & after.check & 0xff) == 0;
}

static bool lies_between(struct cell cell, struct cell old, struct cell new_cell)
{
    return only_ones_became_zeros(old, cell) && only_ones_became_zeros(cell, new_cell);
}

static void an_erased_cell_takes_a_word_with_its_check_bits(void **state)
{
    (void)state;
    uint64_t seed = 1, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell cell = op_program(op_erase(), value);
        assert_true(cell.data == value);
        assert_int_equal(cell.check, ecc_check(value));
        assert_int_equal(cell.state, CELL_SOLID);
        assert_int_equal(ecc_read(cell.data, cell.check, &delivered), ECC_OK);
    }
}

static void programming_moves_cells_from_one_to_zero_only(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell old = cell_make(next_random(&seed), (uint8_t)next_random(&seed), CELL_SOLID);
        uint64_t value = next_random(&seed);
        struct cell cell = op_program(old, value);
        assert_true(only_ones_became_zeros(old, cell));
        assert_true(cell.data == (old.data & value));
        assert_int_equal(cell.check, old.check & ecc_check(value));
    }
}

static void programming_zero_leaves_a_solid_zero_whatever_was_there(void **state)
{
    (void)state;
    uint64_t seed = 3, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell old = cell_make(next_random(&seed), (uint8_t)next_random(&seed), (uint8_t)(i % 5u));
        struct cell cell = op_program(old, 0);
        assert_cells_equal(cell, cell_make(0, 0, CELL_SOLID));
        assert_int_equal(ecc_read(cell.data, cell.check, &delivered), ECC_OK);
    }
}

static void programming_a_disturbed_cell_leaves_it_unstable(void **state)
{
    (void)state;
    static const uint8_t disturbed[] = {CELL_UNSTABLE_OLD, CELL_UNSTABLE_NEW, CELL_UNSTABLE_ECCD, CELL_WEAK};
    for (size_t i = 0; i < ARRAY_LENGTH(disturbed); i++) {
        struct cell old = op_erase();
        old.state = disturbed[i];
        assert_true(cell_is_unstable(op_program(old, 0x1234)));
    }
}

static void an_erase_leaves_72_solid_ones(void **state)
{
    (void)state;
    assert_cells_equal(op_erase(), cell_make(UINT64_MAX, 0xff, CELL_SOLID));
}

static void a_tear_is_a_function_of_its_seed(void **state)
{
    (void)state;
    uint64_t seed = 4;
    unsigned differing = 0;
    for (unsigned i = 0; i < 200; i++) {
        uint64_t value = next_random(&seed), s = next_random(&seed);
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct cell old = op_program(op_erase(), value);
            if (tear_fits(tear, true))
                assert_cells_equal(op_tear_erase(old, tear, s), op_tear_erase(old, tear, s));
            if (!tear_fits(tear, false) && tear != TEAR_PARTIAL)
                continue;
            struct cell once = op_tear_program(op_erase(), value, tear, s);
            assert_cells_equal(once, op_tear_program(op_erase(), value, tear, s));
            struct cell other = op_tear_program(op_erase(), value, tear, s + 1u);
            differing += once.data != other.data;
        }
    }
    /* CORRECTED, UNCORRECTABLE and PARTIAL leave a choice, and among about 36 cells it seldom repeats. */
    assert_true(differing > 3u * 200u * 8u / 10u);
}

static void a_torn_program_of_class_old_or_new_is_exactly_that(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell old = cell_make(next_random(&seed), (uint8_t)next_random(&seed), CELL_SOLID);
        uint64_t value = next_random(&seed);
        assert_cells_equal(op_tear_program(old, value, TEAR_OLD, i), old);
        assert_cells_equal(op_tear_program(old, value, TEAR_NEW, i), op_program(old, value));
        assert_cells_equal(op_tear_erase(old, TEAR_OLD, i), old);
        assert_cells_equal(op_tear_erase(old, TEAR_NEW, i), op_erase());
    }
}

static void a_corrected_tear_delivers_the_new_word_with_eccc(void **state)
{
    (void)state;
    uint64_t seed = 6, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell new_cell = op_program(op_erase(), value);
        struct cell torn = op_tear_program(op_erase(), value, TEAR_CORRECTED, next_random(&seed));
        assert_true(lies_between(torn, op_erase(), new_cell));
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_CORRECTED);
        assert_true(delivered == value);
    }
}

static void an_uncorrectable_tear_raises_eccd(void **state)
{
    (void)state;
    uint64_t seed = 7, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell new_cell = op_program(op_erase(), value);
        struct cell torn = op_tear_program(op_erase(), value, TEAR_UNCORRECTABLE, next_random(&seed));
        assert_true(lies_between(torn, op_erase(), new_cell));
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_UNCORRECTABLE);
    }
}

static void zeroing_a_word_can_tear_in_both_ecc_classes(void **state)
{
    (void)state;
    uint64_t seed = 8, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell old = op_program(op_erase(), next_random(&seed));
        struct cell torn = op_tear_program(old, 0, TEAR_CORRECTED, i);
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_CORRECTED);
        assert_true(delivered == 0);
        torn = op_tear_program(old, 0, TEAR_UNCORRECTABLE, i);
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_UNCORRECTABLE);
    }
}

static void a_program_that_moves_nothing_cannot_be_torn(void **state)
{
    (void)state;
    struct cell old = op_program(op_erase(), 0x0123456789abcdefull);
    for (int tear = 0; tear < TEAR_COUNT; tear++)
        assert_cells_equal(op_tear_program(old, 0x0123456789abcdefull, tear, 77), old);
    for (int tear = 0; tear < TEAR_COUNT; tear++)
        if (tear_fits(tear, true) && tear != TEAR_WEAK)
            assert_cells_equal(op_tear_erase(op_erase(), tear, 77), op_erase());
}

static void a_word_with_too_few_moving_cells_falls_back_to_a_nearer_class(void **state)
{
    (void)state;
    /* Two bits are left to clear on the way to zero: leaving both is the old word, which here is
     * two bits from zero and so ECCD; leaving one is ECCC; one bit alone cannot be ECCD. */
    struct cell two = cell_make(0x11, 0, CELL_SOLID), one = cell_make(0x10, 0, CELL_SOLID);
    uint64_t delivered;
    struct cell torn = op_tear_program(two, 0, TEAR_UNCORRECTABLE, 1);
    assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_UNCORRECTABLE);
    torn = op_tear_program(one, 0, TEAR_UNCORRECTABLE, 1);
    assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_CORRECTED);
    assert_true(delivered == 0);
}

static void a_corrected_tear_never_delivers_an_erased_word_for_the_new_one(void **state)
{
    (void)state;
    /* Code words two bits from the erased one: leaving one cell behind would read as erased. */
    unsigned near = 0;
    for (unsigned a = 0; a < 64u; a++) {
        for (unsigned b = 0; b < a; b++) {
            uint64_t value = ~(1ull << a | 1ull << b), delivered;
            if (ecc_check(value) != 0xff)
                continue;
            near++;
            struct cell torn = op_tear_program(op_erase(), value, TEAR_CORRECTED, near);
            assert_cells_equal(torn, op_program(op_erase(), value));
            torn = op_tear_program(op_erase(), value, TEAR_UNCORRECTABLE, near);
            assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_OK);
            assert_true(delivered == value);
        }
    }
    assert_true(near > 0);
}

static void a_partial_program_mixes_old_and_new_cells(void **state)
{
    (void)state;
    uint64_t seed = 9;
    unsigned mixtures = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell new_cell = op_program(op_erase(), value);
        struct cell torn = op_tear_program(op_erase(), value, TEAR_PARTIAL, next_random(&seed));
        assert_true(lies_between(torn, op_erase(), new_cell));
        mixtures += torn.data != value && torn.data != UINT64_MAX;
    }
    assert_true(mixtures > ROUNDS * 9u / 10u);
}

static void a_partial_erase_mixes_old_and_erased_cells(void **state)
{
    (void)state;
    uint64_t seed = 10, set_bits = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell torn = op_tear_erase(cell_make(0, 0, CELL_SOLID), TEAR_PARTIAL, next_random(&seed));
        set_bits += (unsigned)__builtin_popcountll(torn.data) + (unsigned)__builtin_popcount(torn.check);
        struct cell old = op_program(op_erase(), next_random(&seed));
        torn = op_tear_erase(old, TEAR_PARTIAL, next_random(&seed));
        assert_true(only_ones_became_zeros(torn, old));
        assert_int_equal(torn.state, CELL_SOLID);
    }
    /* Half of 72 bits, within five standard deviations: sqrt(72 / 4 * 3000) = 232. */
    assert_in_range(set_bits, 36u * ROUNDS - 1160u, 36u * ROUNDS + 1160u);
}

static void a_torn_erase_can_raise_eccc_and_eccd(void **state)
{
    (void)state;
    uint64_t seed = 11, delivered;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cell old = op_program(op_erase(), next_random(&seed));
        struct cell torn = op_tear_erase(old, TEAR_CORRECTED, i);
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_CORRECTED);
        assert_true(delivered == UINT64_MAX);
        torn = op_tear_erase(old, TEAR_UNCORRECTABLE, i);
        assert_true(only_ones_became_zeros(torn, old));
        assert_int_equal(ecc_read(torn.data, torn.check, &delivered), ECC_UNCORRECTABLE);
    }
}

static void an_interrupted_operation_heals_nothing(void **state)
{
    (void)state;
    struct cell weak = cell_make(UINT64_MAX, 0xff, CELL_WEAK);
    assert_true(cell_is_unstable(op_tear_program(weak, 0, TEAR_CORRECTED, 1)));
    assert_int_equal(op_tear_program(weak, 0, TEAR_NEW, 1).state, CELL_SOLID);
    struct cell unstable = cell_make(0, 0, CELL_UNSTABLE_NEW);
    assert_true(cell_is_unstable(op_tear_erase(unstable, TEAR_PARTIAL, 1)));
    assert_int_equal(op_tear_erase(unstable, TEAR_NEW, 1).state, CELL_SOLID);
}

/* --- words that were never written, and cells between two words --------------------------------- */

static void three_wrong_bits_can_deliver_a_word_that_nobody_wrote(void **state)
{
    (void)state;
    uint64_t seed = 12, delivered;
    unsigned wrong = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell torn = op_tear_program(op_erase(), value, TEAR_MISCORRECTED, i);
        assert_true(lies_between(torn, op_erase(), op_program(op_erase(), value)));
        enum ecc_result result = cell_read(torn, &delivered);
        wrong += result != ECC_UNCORRECTABLE && delivered != value && delivered != UINT64_MAX;
    }
    assert_int_equal(wrong, ROUNDS);
}

static void an_aimed_tear_delivers_one_half_as_new_and_the_other_not(void **state)
{
    (void)state;
    uint64_t seed = 13, delivered;
    unsigned low = 0, high = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t value = next_random(&seed);
        struct cell torn = op_tear_program(op_erase(), value, TEAR_LOW_HALF, i);
        assert_true(lies_between(torn, op_erase(), op_program(op_erase(), value)));
        low += cell_read(torn, &delivered) != ECC_UNCORRECTABLE && (uint32_t)delivered == (uint32_t)value &&
               delivered != value;
        torn = op_tear_program(op_erase(), value, TEAR_HIGH_HALF, i);
        high +=
            cell_read(torn, &delivered) != ECC_UNCORRECTABLE && delivered >> 32 == value >> 32 && delivered != value;
    }
    assert_int_equal(low, ROUNDS);
    assert_int_equal(high, ROUNDS);
}

static void an_unstable_cell_reads_as_its_mode_says(void **state)
{
    (void)state;
    const uint64_t value = 0x1122334455667788u;
    uint64_t first, second;
    const struct {
        enum tear tear;
        enum ecc_result result;
        uint64_t first, second;
    } rows[] = {
        {TEAR_UNSTABLE_OLD, ECC_OK, UINT64_MAX, UINT64_MAX},
        {TEAR_UNSTABLE_NEW, ECC_OK, value, value},
        {TEAR_UNSTABLE_NEW_OLD, ECC_OK, value, UINT64_MAX},
        {TEAR_UNSTABLE_OLD_NEW, ECC_OK, UINT64_MAX, value},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct cell cell = op_tear_program(op_erase(), value, rows[i].tear, 1);
        assert_int_equal(cell_read(cell, &first), rows[i].result);
        assert_int_equal(cell_read(cell_after_read(cell), &second), rows[i].result);
        assert_true(first == rows[i].first && second == rows[i].second);
        assert_true(cell_is_erased(cell) == (rows[i].first == UINT64_MAX));
    }
    struct cell cell = op_tear_program(op_erase(), value, TEAR_UNSTABLE_ECCD, 1);
    assert_int_equal(cell_read(cell, &first), ECC_UNCORRECTABLE);
    assert_false(cell_is_erased(cell));
}

static void an_unstable_cell_never_reads_the_same_way_in_two_boots_and_takes_every_mode(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct cell cell = op_tear_program(op_erase(), 0x1234, TEAR_UNSTABLE_OLD, 1);
        unsigned seen = 0;
        for (unsigned boot = 0; boot < 40; boot++) {
            struct cell read = cell_after_read(cell);
            struct cell next = cell_after_reset(cell, seed + boot);
            assert_cells_equal(next, cell_after_reset(read, seed + boot)); /* what was read does not matter */
            assert_int_not_equal(next.state, cell.state);
            cell = next;
            seen |= 1u << (cell.state - CELL_UNSTABLE_OLD);
        }
        assert_int_equal(seen, 0x1f);
    }
    assert_cells_equal(cell_after_reset(op_erase(), 1), op_erase());
}

static void a_marginal_cell_reads_blank_and_is_unstable_once_programmed(void **state)
{
    (void)state;
    uint64_t delivered;
    struct cell marginal = op_tear_program(op_erase(), 0x55, TEAR_MARGINAL, 1);
    struct cell weak = op_tear_erase(op_program(op_erase(), 0x99), TEAR_WEAK, 1);
    assert_cells_equal(marginal, weak);
    assert_true(cell_is_erased(marginal));
    struct cell programmed = op_program(marginal, 0x1234);
    assert_int_equal(cell_read(programmed, &delivered), ECC_OK);
    assert_true(delivered == 0x1234); /* a verification in the same session is content */
    assert_true(cell_is_unstable(programmed));
    struct cell healed = op_program(marginal, 0);
    assert_int_equal(healed.state, CELL_SOLID); /* a complete overwrite with zero is solid */
}

static void a_fading_page_reads_old_and_is_unstable(void **state)
{
    (void)state;
    uint64_t delivered;
    struct cell old = op_program(op_erase(), 0x1234);
    struct cell fading = op_tear_erase(old, TEAR_FADING, 1);
    assert_int_equal(cell_read(fading, &delivered), ECC_OK);
    assert_true(delivered == 0x1234);
    assert_true(cell_is_unstable(fading));
    assert_cells_equal(op_tear_erase(op_erase(), TEAR_FADING, 1), op_erase()); /* nothing moves */
}

static void an_unsure_program_reads_well_until_the_next_reset(void **state)
{
    (void)state;
    uint64_t delivered;
    struct op op = {.kind = OP_PROGRAM, .length = 8, .value = 0x0123456789abcdefull, .unsure = 1};
    struct cell cell = op_complete_cell(&op, op_erase());
    assert_int_equal(cell_read(cell, &delivered), ECC_OK);
    assert_true(delivered == op.value);
    assert_true(cell_is_unstable(cell));
    assert_true(cell.old == CELL_ERASED_DATA);
    assert_cells_equal(op_tear_cell(&op, 0, op_erase(), TEAR_NEW, 1), cell);
    op.value = 0; /* nor does a zero heal */
    assert_true(cell_is_unstable(op_complete_cell(&op, cell)));
    op.unsure = 0;
    op.low_supply = 1; /* it counts, and that is all */
    assert_cells_equal(op_complete_cell(&op, cell), op_program(cell, 0));
}

static void an_unsure_erase_leaves_weak_cells(void **state)
{
    (void)state;
    struct op op = {.kind = OP_ERASE, .length = 2048, .unsure = 1};
    struct cell old = op_program(op_erase(), 77), weak = op_tear_erase(old, TEAR_WEAK, 1);
    assert_cells_equal(op_complete_cell(&op, old), weak);
    assert_cells_equal(op_tear_cell(&op, 64, old, TEAR_NEW, 1), weak);
    assert_true(cell_is_unstable(op_program(weak, 5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_erased_cell_takes_a_word_with_its_check_bits),
        cmocka_unit_test(programming_moves_cells_from_one_to_zero_only),
        cmocka_unit_test(programming_zero_leaves_a_solid_zero_whatever_was_there),
        cmocka_unit_test(programming_a_disturbed_cell_leaves_it_unstable),
        cmocka_unit_test(an_erase_leaves_72_solid_ones),
        cmocka_unit_test(a_tear_is_a_function_of_its_seed),
        cmocka_unit_test(a_torn_program_of_class_old_or_new_is_exactly_that),
        cmocka_unit_test(a_corrected_tear_delivers_the_new_word_with_eccc),
        cmocka_unit_test(an_uncorrectable_tear_raises_eccd),
        cmocka_unit_test(zeroing_a_word_can_tear_in_both_ecc_classes),
        cmocka_unit_test(a_program_that_moves_nothing_cannot_be_torn),
        cmocka_unit_test(a_word_with_too_few_moving_cells_falls_back_to_a_nearer_class),
        cmocka_unit_test(a_corrected_tear_never_delivers_an_erased_word_for_the_new_one),
        cmocka_unit_test(a_partial_program_mixes_old_and_new_cells),
        cmocka_unit_test(a_partial_erase_mixes_old_and_erased_cells),
        cmocka_unit_test(a_torn_erase_can_raise_eccc_and_eccd),
        cmocka_unit_test(an_interrupted_operation_heals_nothing),
        cmocka_unit_test(three_wrong_bits_can_deliver_a_word_that_nobody_wrote),
        cmocka_unit_test(an_aimed_tear_delivers_one_half_as_new_and_the_other_not),
        cmocka_unit_test(an_unstable_cell_reads_as_its_mode_says),
        cmocka_unit_test(an_unstable_cell_never_reads_the_same_way_in_two_boots_and_takes_every_mode),
        cmocka_unit_test(a_marginal_cell_reads_blank_and_is_unstable_once_programmed),
        cmocka_unit_test(a_fading_page_reads_old_and_is_unstable),
        cmocka_unit_test(an_unsure_program_reads_well_until_the_next_reset),
        cmocka_unit_test(an_unsure_erase_leaves_weak_cells),
    };
    return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
