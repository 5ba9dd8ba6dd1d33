/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The error code of a double word. What is expected follows from the properties of a SECDED code
 * and from RM0440 3.3.3, not from the matrix.
 */
#include "cmocka_tests.h"
#include "sim/op.h"

#define RANDOM_WORDS 3000u

struct word {
    uint64_t data;
    uint8_t check;
};

static struct word code_word(uint64_t data)
{
    return (struct word){data, ecc_check(data)};
}

static struct word flip(struct word word, unsigned position)
{
    if (position < 64u)
        word.data ^= 1ull << position;
    else
        word.check ^= (uint8_t)(1u << (position - 64u));
    return word;
}

static unsigned zeros(struct word word)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 64u; i++)
        count += !(word.data >> i & 1u);
    for (unsigned i = 0; i < 8u; i++)
        count += !(word.check >> i & 1u);
    return count;
}

static enum ecc_result read_word(struct word word, uint64_t *delivered)
{
    return ecc_read(word.data, word.check, delivered);
}

/** All 72 single and all 2556 double errors of a word. */
static void check_errors_of(uint64_t data)
{
    struct word word = code_word(data);
    uint64_t delivered;
    assert_int_equal(read_word(word, &delivered), ECC_OK);
    assert_true(delivered == data);
    for (unsigned a = 0; a < 72u; a++) {
        struct word one = flip(word, a);
        /* One bit from the erased word reads as that: it has 71 ones. */
        uint64_t expected = zeros(one) == 1 ? UINT64_MAX : data;
        assert_int_equal(read_word(one, &delivered), ECC_CORRECTED);
        assert_true(delivered == expected);
        for (unsigned b = 0; b < a; b++) {
            struct word two = flip(one, b);
            unsigned zero_count = zeros(two);
            enum ecc_result result = read_word(two, &delivered);
            assert_true(delivered == two.data); /* as stored */
            assert_int_equal(result, zero_count == 0 || zero_count == 2 ? ECC_OK : ECC_UNCORRECTABLE);
        }
    }
}

static void all_single_errors_are_corrected_and_all_double_errors_detected(void **state)
{
    (void)state;
    uint64_t seed = 0x7477696e62616e6bull;
    check_errors_of(0);
    check_errors_of(UINT64_MAX);
    check_errors_of(0x5555555555555555ull);
    check_errors_of(0xfffffffffffffffeull);
    check_errors_of(0x00000000ffffffffull);
    for (unsigned i = 0; i < RANDOM_WORDS; i++)
        check_errors_of(next_random(&seed));
}

static void words_near_all_zeros_and_all_ones_keep_the_law(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 64u; a++) {
        for (unsigned b = 0; b <= a; b++) {
            uint64_t bits = 1ull << a | 1ull << b;
            check_errors_of(bits);
            check_errors_of(~bits);
        }
    }
}

static void the_check_of_zero_is_zero(void **state)
{
    (void)state;
    assert_int_equal(ecc_check(0), 0);
}

static void the_check_is_linear(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (unsigned i = 0; i < RANDOM_WORDS; i++) {
        uint64_t a = next_random(&seed), b = next_random(&seed);
        assert_int_equal(ecc_check(a ^ b), ecc_check(a) ^ ecc_check(b));
    }
}

static void the_72_columns_are_distinct_and_odd(void **state)
{
    (void)state;
    uint8_t columns[72];
    for (unsigned i = 0; i < 72u; i++) {
        columns[i] = i < 64u ? ecc_check(1ull << i) : (uint8_t)(1u << (i - 64u));
        assert_int_equal(__builtin_popcount(columns[i]) % 2, 1);
        for (unsigned j = 0; j < i; j++)
            assert_int_not_equal(columns[i], columns[j]);
    }
}

static void a_programmed_word_of_ones_is_not_erased(void **state)
{
    (void)state;
    assert_int_not_equal(ecc_check(UINT64_MAX), 0xff);
    struct cell cell = cell_make(UINT64_MAX, ecc_check(UINT64_MAX), CELL_SOLID);
    assert_false(cell_is_erased(cell));
}

static void an_erased_word_reads_as_ones(void **state)
{
    (void)state;
    uint64_t delivered = 0;
    assert_int_equal(ecc_read(UINT64_MAX, 0xff, &delivered), ECC_OK);
    assert_true(delivered == UINT64_MAX);
    assert_true(cell_is_erased(cell_make(UINT64_MAX, 0xff, CELL_SOLID)));
}

static void one_error_in_an_erased_word_is_corrected(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 72u; a++) {
        struct word word = flip((struct word){UINT64_MAX, 0xff}, a);
        uint64_t delivered = 0;
        assert_int_equal(read_word(word, &delivered), ECC_CORRECTED);
        assert_true(delivered == UINT64_MAX);
        assert_false(cell_is_erased(cell_make(word.data, word.check, CELL_SOLID)));
    }
}

static void two_errors_in_an_erased_word_are_not_detected(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 72u; a++) {
        for (unsigned b = 0; b < a; b++) {
            struct word word = flip(flip((struct word){UINT64_MAX, 0xff}, a), b);
            uint64_t delivered = 0;
            assert_int_equal(read_word(word, &delivered), ECC_OK);
            assert_true(delivered == word.data);
        }
    }
}

/** By counting, 8 is the least that an odd-weight (72,64) code can have: see op.c. */
static void no_more_than_8_code_words_are_within_two_bits_of_the_erased_word(void **state)
{
    (void)state;
    unsigned near = 0;
    for (unsigned a = 0; a < 72u; a++) {
        struct word one = flip((struct word){UINT64_MAX, 0xff}, a);
        assert_int_not_equal(ecc_check(one.data), one.check);
        for (unsigned b = 0; b < a; b++) {
            struct word two = flip(one, b);
            near += ecc_check(two.data) == two.check;
        }
    }
    assert_int_equal(near, 8);
}

static void triple_errors_are_never_taken_for_a_clean_word(void **state)
{
    (void)state;
    /* Distance 4: three errors cannot reach another code word. Miscorrection is allowed. */
    uint64_t seed = 5, delivered;
    for (unsigned i = 0; i < 20; i++) {
        struct word word = code_word(next_random(&seed));
        for (unsigned a = 0; a < 72u; a++) {
            for (unsigned b = 0; b < a; b++) {
                for (unsigned c = 0; c < b; c++)
                    assert_int_not_equal(read_word(flip(flip(flip(word, a), b), c), &delivered), ECC_OK);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_single_errors_are_corrected_and_all_double_errors_detected),
        cmocka_unit_test(words_near_all_zeros_and_all_ones_keep_the_law),
        cmocka_unit_test(the_check_of_zero_is_zero),
        cmocka_unit_test(the_check_is_linear),
        cmocka_unit_test(the_72_columns_are_distinct_and_odd),
        cmocka_unit_test(a_programmed_word_of_ones_is_not_erased),
        cmocka_unit_test(an_erased_word_reads_as_ones),
        cmocka_unit_test(one_error_in_an_erased_word_is_corrected),
        cmocka_unit_test(two_errors_in_an_erased_word_are_not_detected),
        cmocka_unit_test(no_more_than_8_code_words_are_within_two_bits_of_the_erased_word),
        cmocka_unit_test(triple_errors_are_never_taken_for_a_clean_word),
    };
    return cmocka_run_group_tests_name("ecc", tests, NULL, NULL);
}
