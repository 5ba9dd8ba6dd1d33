// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The receiver against a real sender over a pseudo terminal. Time is counted in poll timeouts.
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "update/ymodem.h"

#define FILE_BYTES 66048u

static char **arguments; // sb, a directory
static uint8_t original[FILE_BYTES];
static uint8_t received[FILE_BYTES + 1024u];
static size_t received_bytes;
static int master = -1;
static pid_t sender;
static uint32_t now_ms;
static struct ymodem ymodem;

static void put(uint8_t byte)
{
    assert_int_equal(write(master, &byte, 1), 1);
}

static void start_sender(size_t file_bytes)
{
    char path[512];
    FILE *file;
    struct termios raw;
    int slave;

    snprintf(path, sizeof path, "%s/lrzsz-app-2.0.0.bin", arguments[2]);
    for (size_t i = 0; i < FILE_BYTES; i++) {
        original[i] = (uint8_t)(i * 7u ^ i >> 8 ^ i >> 13);
    }
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(original, 1, file_bytes, file), file_bytes);
    assert_int_equal(fclose(file), 0);

    master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0 && tcgetattr(slave, &raw) == 0);
    raw.c_iflag = 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    sender = fork();
    assert_true(sender >= 0);
    if (sender == 0) {
        dup2(slave, 0);
        dup2(slave, 1);
        execl(arguments[1], "sb", "--quiet", path, (char *)NULL);
        _exit(127);
    }
    close(slave);
    received_bytes = 0;
    now_ms = 0;
    ymodem_start(&ymodem, put, now_ms);
}

static enum ymodem_event next_event(void)
{
    while (now_ms < 60000u) {
        struct pollfd line = {.fd = master, .events = POLLIN};
        enum ymodem_event event = YMODEM_NONE;
        uint8_t byte;

        if (poll(&line, 1, 1) == 1 && (line.revents & POLLIN) != 0 && read(master, &byte, 1) == 1) {
            event = ymodem_byte(&ymodem, byte, now_ms);
        } else {
            now_ms++;
            event = ymodem_tick(&ymodem, now_ms);
        }
        if (event != YMODEM_NONE) {
            return event;
        }
    }
    return YMODEM_NONE;
}

static int end_sender(void)
{
    int status = -1;

    assert_int_equal(waitpid(sender, &status, 0), sender);
    close(master);
    return status;
}

static void take_data(void)
{
    assert_true(received_bytes + ymodem.data_bytes <= sizeof received);
    memcpy(received + received_bytes, ymodem.data, ymodem.data_bytes);
    received_bytes += ymodem.data_bytes;
}

static void sb_sends_a_whole_file_even_when_an_ack_takes_two_seconds(void **state)
{
    enum ymodem_event event;
    unsigned blocks = 0;

    (void)state;
    start_sender(FILE_BYTES);
    assert_int_equal(next_event(), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, FILE_BYTES);
    ymodem_accept(&ymodem, now_ms);
    for (event = next_event(); event == YMODEM_DATA; event = next_event()) {
        take_data();
        if (++blocks == 3u) {
            poll(NULL, 0, 2000);
        }
        ymodem_accept(&ymodem, now_ms);
    }
    assert_int_equal(event, YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(next_event(), YMODEM_DONE);
    assert_int_equal(end_sender(), 0);
    assert_true(received_bytes >= FILE_BYTES);
    assert_memory_equal(received, original, FILE_BYTES);
}

static void sb_gives_up_when_the_first_block_is_refused(void **state)
{
    int status;

    (void)state;
    start_sender(FILE_BYTES);
    assert_int_equal(next_event(), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(next_event(), YMODEM_DATA);
    ymodem_cancel(&ymodem);
    status = end_sender();
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 0);
    assert_int_not_equal(WEXITSTATUS(status), 127);
}

static void sb_sends_an_empty_file_as_an_end_without_data(void **state)
{
    (void)state;
    start_sender(0);
    assert_int_equal(next_event(), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 0);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(next_event(), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(next_event(), YMODEM_DONE);
    assert_int_equal(end_sender(), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sb_sends_a_whole_file_even_when_an_ack_takes_two_seconds),
        cmocka_unit_test(sb_gives_up_when_the_first_block_is_refused),
        cmocka_unit_test(sb_sends_an_empty_file_as_an_end_without_data),
    };

    if (argc != 3) {
        fprintf(stderr, "usage: test_lrzsz SB DIRECTORY\n");
        return 2;
    }
    arguments = argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
