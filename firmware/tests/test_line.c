// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What the console takes for a command, on a line that carries more than that.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/line.h"
#include "drivers/usart.h"

static struct {
    const char *received;
    size_t bytes;
    char echo[256];
    size_t echo_bytes;
} wire;

static uint32_t now_ms;

bool usart_read(uint8_t *byte)
{
    if (wire.bytes == 0) {
        return false;
    }
    *byte = (uint8_t)*wire.received++;
    wire.bytes--;
    return true;
}

void usart_write(uint8_t byte)
{
    assert_true(wire.echo_bytes + 1u < sizeof wire.echo);
    wire.echo[wire.echo_bytes++] = (char)byte;
    wire.echo[wire.echo_bytes] = '\0';
}

void usart_print(const char *text)
{
    while (*text != '\0') {
        usart_write((uint8_t)*text++);
    }
}

static void receive(const char *bytes, size_t count)
{
    wire.received = bytes;
    wire.bytes = count;
    wire.echo_bytes = 0;
    wire.echo[0] = '\0';
}

#define RECEIVE(text) receive(text, sizeof(text) - 1u)

// A silent line, far behind whatever a test before this one left.
static int silence(void **state)
{
    (void)state;
    RECEIVE("");
    now_ms += 1000u;
    (void)line_poll(now_ms);
    RECEIVE("\n");
    (void)line_poll(now_ms);
    RECEIVE("");
    return 0;
}

static void a_line_ends_with_cr_lf_or_both(void **state)
{
    (void)state;
    RECEIVE("banks\rhelp\r\nversion\n\r");
    assert_string_equal(line_poll(now_ms), "banks");
    assert_string_equal(line_poll(now_ms), "help");
    assert_string_equal(line_poll(now_ms), "version");
    assert_string_equal(line_poll(now_ms), "");
    assert_null(line_poll(now_ms));
    assert_string_equal(wire.echo, "banks\r\nhelp\r\nversion\r\n\r\n");
}

static void a_person_may_pause_and_correct(void **state)
{
    (void)state;
    RECEIVE("upx\b");
    assert_null(line_poll(now_ms));
    assert_string_equal(wire.echo, "upx\b \b");
    now_ms += 60000u;
    RECEIVE("date\x7f"
            "e\r");
    assert_string_equal(line_poll(now_ms), "update");
}

static void thirty_one_characters_are_a_line_and_one_more_is_not(void **state)
{
    (void)state;
    RECEIVE("0123456789012345678901234567890\r");
    assert_string_equal(line_poll(now_ms), "0123456789012345678901234567890");
    RECEIVE("01234567890123456789012345678901\r");
    assert_null(line_poll(now_ms));
    assert_string_equal(wire.echo, "0123456789012345678901234567890");
}

static void a_line_with_an_unprintable_byte_is_dropped(void **state)
{
    static const char *const lines[] = {"\x18update\r", "update\x01\r", "up\377date\r", "up\tdate\n"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        receive(lines[i], strlen(lines[i]));
        assert_null(line_poll(now_ms));
        assert_null(strchr(wire.echo, '\r'));
        assert_null(strchr(wire.echo, '\n'));
        RECEIVE("help\r");
        assert_string_equal(line_poll(now_ms), "help"); // at once: the dropped line is over
    }
}

static void what_a_burst_leaves_is_forgotten_after_100_ms(void **state)
{
    (void)state;
    RECEIVE("\x02\x01\xfe\r12ab");
    assert_null(line_poll(now_ms));
    now_ms += 99u;
    RECEIVE("");
    assert_null(line_poll(now_ms));
    now_ms += 1u;
    assert_string_equal(line_poll(now_ms), ""); // a prompt for whoever was typing
    assert_null(line_poll(now_ms));
    RECEIVE("update\r");
    assert_string_equal(line_poll(now_ms), "update");
}

static void a_burst_without_a_line_end_is_forgotten_too(void **state)
{
    (void)state;
    RECEIVE("abc\x18\x18\x18\x18\x18\b\b\b\b\b");
    assert_null(line_poll(now_ms));
    now_ms += 100u;
    RECEIVE("");
    assert_string_equal(line_poll(now_ms), "");
    RECEIVE("version\r");
    assert_string_equal(line_poll(now_ms), "version");
}

static void silence_is_counted_from_the_last_byte(void **state)
{
    (void)state;
    RECEIVE("\x02");
    assert_null(line_poll(now_ms));
    now_ms += 60u;
    RECEIVE("x");
    assert_null(line_poll(now_ms));
    now_ms += 60u;
    RECEIVE("\rhelp\r");
    assert_string_equal(line_poll(now_ms), "help");
}

static void a_block_is_answered_with_one_empty_line_at_most(void **state)
{
    char block[1029];
    unsigned empty = 0;

    (void)state;
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] = (char)(i * 167u + i / 7u); // each value, CR and LF too, and long printable runs hardly
    }
    receive(block, sizeof block);
    for (unsigned ms = 0; ms < 300u; ms++, now_ms++) {
        const char *line = line_poll(now_ms);

        if (line != NULL) {
            assert_string_equal(line, "");
            empty++;
        }
    }
    assert_true(empty <= 1u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_ends_with_cr_lf_or_both, silence),
        cmocka_unit_test_setup(a_person_may_pause_and_correct, silence),
        cmocka_unit_test_setup(thirty_one_characters_are_a_line_and_one_more_is_not, silence),
        cmocka_unit_test_setup(a_line_with_an_unprintable_byte_is_dropped, silence),
        cmocka_unit_test_setup(what_a_burst_leaves_is_forgotten_after_100_ms, silence),
        cmocka_unit_test_setup(a_burst_without_a_line_end_is_forgotten_too, silence),
        cmocka_unit_test_setup(silence_is_counted_from_the_last_byte, silence),
        cmocka_unit_test_setup(a_block_is_answered_with_one_empty_line_at_most, silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
