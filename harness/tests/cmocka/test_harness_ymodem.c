/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* The sender at the other end of a serial port: byte for byte against hand-made answers, then against a real receiver.
 */
#include "cmocka_tests.h"
#include "harness/peers/serial_peer.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAUD     115200u
#define EVENTS   2u
#define BYTE_PS  86805556u /* 10 bits at 115200 baud, rounded up */
#define SENT_MAX 8192u

/** A machine's side of one device: time, two events, an output. */
struct bench {
    struct device device;
    struct device_host host;
    uint64_t now_ps;
    uint64_t due_ps[EVENTS];
    uint8_t sent[SENT_MAX];
    uint64_t sent_at_ps[SENT_MAX];
    size_t sent_count;
    uint32_t sent_baud; /* of the last frame */
    const char *said;
    uint32_t outcome;
};

static uint64_t bench_now(void *context)
{
    return ((struct bench *)context)->now_ps;
}

static void bench_event_set(void *context, uint32_t slot, uint64_t due_ps)
{
    ((struct bench *)context)->due_ps[slot] = due_ps;
}

static uint64_t bench_event_due(void *context, uint32_t slot)
{
    return ((struct bench *)context)->due_ps[slot];
}

static void bench_output(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse)
{
    struct bench *bench = context;
    (void)device;
    assert_int_equal(output, 0);
    assert_true(pulse);
    bench->sent_baud = serial_baud(value);
    assert_true(bench->sent_count < SENT_MAX);
    bench->sent_at_ps[bench->sent_count] = bench->now_ps;
    bench->sent[bench->sent_count++] = (uint8_t)serial_data(value);
}

static void bench_observe(void *context, const struct obs *obs)
{
    struct bench *bench = context;
    assert_int_equal(obs->kind, OBS_PEER);
    bench->said = obs->text;
    bench->outcome = obs->a;
}

static uint8_t pattern[5000];
static const struct peer_image images[] = {{"three.bin", pattern, 1300}, {"large.bin", pattern, sizeof pattern}};
static struct serial_line line;
static const struct serial_peer_params params = {BAUD, images, 2, false, &line};
static const struct serial_peer_params fixed_params = {BAUD, images, 2, true, NULL};

static int make_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->host = (struct device_host){.now_ps = bench_now,
                                       .event_set = bench_event_set,
                                       .event_due = bench_event_due,
                                       .output = bench_output,
                                       .observe = bench_observe};
    bench->device = (struct device){.model = &serial_peer_model,
                                    .name = "peer",
                                    .params = &params,
                                    .state = calloc(1, serial_peer_model.state_size),
                                    .host = &bench->host,
                                    .host_context = bench};
    line = (struct serial_line){0};
    for (size_t i = 0; i < EVENTS; i++)
        bench->due_ps[i] = TIME_NEVER;
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7u + i / 256u);
    serial_peer_model.reset(&bench->device, RESET_POWER_ON);
    *state = bench;
    return 0;
}

static int free_bench(void **state)
{
    struct bench *bench = *state;
    free(bench->device.state);
    free(bench);
    return 0;
}

/** Runs the earliest event; false if there is none up to limit_ps. */
static bool step(struct bench *bench, uint64_t limit_ps)
{
    uint32_t first = bench->due_ps[0] <= bench->due_ps[1] ? 0 : 1;
    if (bench->due_ps[first] > limit_ps || bench->due_ps[first] == TIME_NEVER)
        return false;
    bench->now_ps = bench->due_ps[first];
    bench->due_ps[first] = TIME_NEVER;
    serial_peer_model.on_event(&bench->device, first);
    return true;
}

/** Lets everything be sent that is on its way, without waiting for a timeout. */
static void drain(struct bench *bench)
{
    while (step(bench, bench->now_ps + PS_PER_S))
        continue;
}

static void answer(struct bench *bench, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        serial_peer_model.on_input(&bench->device, 0, serial_frame((uint8_t)bytes[i], 8, 0, BAUD));
}

#define ANSWER(bench, text) answer(bench, text, sizeof(text) - 1u)

/** Forgets what was sent and returns how much it was. */
static size_t take(struct bench *bench)
{
    drain(bench);
    size_t count = bench->sent_count;
    bench->sent_count = 0;
    return count;
}

static void typed_text_leaves_byte_by_byte_at_the_baud_rate(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(serial_peer_type(&bench->device, "ab"), TB_OK);
    assert_int_equal(serial_peer_type(&bench->device, "c\r"), TB_OK);
    drain(bench);
    assert_int_equal(bench->sent_count, 4);
    assert_memory_equal(bench->sent, "abc\r", 4);
    assert_int_equal(bench->sent_baud, BAUD);
    for (size_t i = 0; i < 4; i++)
        assert_true(bench->sent_at_ps[i] == (i + 1u) * BYTE_PS);
}

static void more_text_than_fits_is_refused(void **state)
{
    struct bench *bench = *state;
    char text[PEER_TEXT_MAX + 1];
    memset(text, 'x', sizeof text);
    text[PEER_TEXT_MAX] = '\0';
    assert_int_equal(serial_peer_type(&bench->device, text), TB_OK);
    assert_int_equal(serial_peer_type(&bench->device, "x"), TB_ERR_INPUT);
}

static void nothing_is_sent_before_the_receiver_asks(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    assert_int_equal(take(bench), 0);
    ANSWER(bench, "noise");
    assert_int_equal(take(bench), 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
}

/* The CRC-16 of XMODEM of "123456789" is 0x31c3: the check value of the CRC catalogues. Here it is taken bitwise. */
static unsigned crc_of(const uint8_t *bytes, size_t count)
{
    unsigned crc = 0;
    for (size_t bit = 0; bit < count * 8u; bit++) {
        unsigned in = (bytes[bit / 8u] >> (7u - bit % 8u)) & 1u;
        unsigned out = (crc >> 15) & 1u;
        crc = (crc << 1) & 0xffffu;
        if (in != out)
            crc ^= 0x1021u;
    }
    return crc;
}

static void check_block(const uint8_t *block, uint8_t mark, uint8_t number, size_t payload)
{
    assert_int_equal(block[0], mark);
    assert_int_equal(block[1], number);
    assert_int_equal(block[2], 0xffu - number);
    assert_int_equal(block[3 + payload] << 8 | block[4 + payload], crc_of(block + 3, payload));
}

static void a_whole_transfer_has_the_blocks_of_the_protocol(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(crc_of((const uint8_t *)"123456789", 9), 0x31c3);
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
    check_block(bench->sent, 0x01, 0, 128);
    assert_string_equal((const char *)bench->sent + 3, "three.bin");
    assert_memory_equal(bench->sent + 3 + 10, "1300 ", 5);
    ANSWER(bench, "\x06");
    assert_int_equal(take(bench), 0); /* the data wait for another 'C' */
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 1029);
    check_block(bench->sent, 0x02, 1, 1024);
    assert_memory_equal(bench->sent + 3, pattern, 1024);
    /* 276 bytes are left: three short blocks, the last one filled with 0x1a */
    ANSWER(bench, "\x06");
    assert_int_equal(take(bench), 133);
    check_block(bench->sent, 0x01, 2, 128);
    ANSWER(bench, "\x06");
    assert_int_equal(take(bench), 133);
    ANSWER(bench, "\x06");
    assert_int_equal(take(bench), 133);
    check_block(bench->sent, 0x01, 4, 128);
    assert_memory_equal(bench->sent + 3, pattern + 1280, 20);
    for (size_t i = 20; i < 128; i++)
        assert_int_equal(bench->sent[3 + i], 0x1a);
    ANSWER(bench, "\x06");
    assert_int_equal(take(bench), 1);
    assert_int_equal(bench->sent[0], 0x04);
    ANSWER(bench, "\x15");
    assert_int_equal(take(bench), 1);
    assert_int_equal(bench->sent[0], 0x04);
    ANSWER(bench, "\x06"
                  "C");
    assert_int_equal(take(bench), 133);
    check_block(bench->sent, 0x01, 0, 128);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(bench->sent[3 + i], 0);
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_BUSY);
    ANSWER(bench, "\x06");
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_DONE);
    assert_int_equal(bench->outcome, PEER_DONE);
}

static void a_refused_block_is_sent_again_up_to_a_limit(void **state)
{
    struct bench *bench = *state;
    uint8_t first[133];
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
    memcpy(first, bench->sent, sizeof first);
    for (unsigned i = 0; i < 10; i++) {
        ANSWER(bench, "\x15");
        assert_int_equal(take(bench), 133);
        assert_memory_equal(bench->sent, first, sizeof first);
    }
    ANSWER(bench, "\x15");
    assert_int_equal(take(bench), 0);
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_GAVE_UP);
}

static void two_cancels_end_a_transfer_and_one_does_not(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    (void)take(bench);
    ANSWER(bench, "\x18");
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_BUSY);
    ANSWER(bench, "\x18");
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_CANCELLED);
    assert_string_equal(bench->said, "ymodem: cancelled by the receiver");
}

static void answers_that_come_while_a_block_leaves_are_read_behind_it(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_true(step(bench, bench->now_ps + PS_PER_MS)); /* one byte of block 0 */
    ANSWER(bench, "\x18\x18");
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_BUSY);
    assert_int_equal(take(bench), 133);
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_CANCELLED);
}

static void silence_repeats_a_block_after_ten_seconds(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
    uint64_t sent_ps = bench->now_ps;
    assert_false(step(bench, sent_ps + 10u * PS_PER_S - 1u));
    assert_true(step(bench, sent_ps + 10u * PS_PER_S));
    assert_int_equal(take(bench), 133);
}

static void a_receiver_that_never_asks_is_given_up_after_three_waits(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    while (step(bench, TIME_NEVER - 1u))
        continue;
    assert_true(bench->now_ps == 30u * PS_PER_S);
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_GAVE_UP);
}

static void a_command_is_typed_before_the_transfer(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(serial_peer_type(&bench->device, "update\r"), TB_OK);
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C"); /* an echo of the command may hold one */
    assert_int_equal(take(bench), 7);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
}

static void a_terminal_of_fixed_rate_does_not_read_frames_of_another(void **state)
{
    struct bench *bench = *state;
    bench->device.params = &fixed_params;
    serial_peer_send(&bench->device, 0);
    serial_peer_model.on_input(&bench->device, 0, serial_frame('C', 8, 0, 9600));
    assert_int_equal(take(bench), 0);
    assert_string_equal(bench->said, "the board sends at another baud rate");
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
    assert_int_equal(bench->sent_baud, BAUD);
}

static void a_terminal_is_set_to_the_rate_of_the_boards_last_frame(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(serial_peer_type(&bench->device, "a"), TB_OK);
    drain(bench);
    assert_int_equal(bench->sent_baud, BAUD); /* the board has not said anything yet */
    serial_peer_model.on_input(&bench->device, 0, serial_frame('>', 8, 0, 38400));
    serial_peer_model.on_input(&bench->device, 0, serial_frame('>', 8, 0, 9600));
    serial_peer_model.on_input(&bench->device, 0, SERIAL_BREAK | serial_frame(0, 8, 0, 1200)); /* is no frame */
    uint64_t typed_ps = bench->now_ps;
    assert_int_equal(serial_peer_type(&bench->device, "b"), TB_OK);
    drain(bench);
    assert_int_equal(bench->sent_baud, 9600);
    assert_true(bench->sent_at_ps[1] == typed_ps + 1041666667u); /* 10 bits at 9600 baud, rounded up */
    assert_null(bench->said);
}

static void typed_bytes_may_be_zero(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(serial_peer_type_bytes(&bench->device, "a\0b", 3), TB_OK);
    drain(bench);
    assert_int_equal(bench->sent_count, 3);
    assert_memory_equal(bench->sent, "a\0b", 3);
}

/* --- against a real receiver -------------------------------------------------------------------- */

/* --- a bad line -------------------------------------------------------------------------------- */

static void type(struct bench *bench, const char *text)
{
    assert_int_equal(serial_peer_type(&bench->device, text), TB_OK);
    drain(bench);
}

static void a_lost_byte_leaves_a_gap_of_its_time(void **state)
{
    struct bench *bench = *state;
    line.fault = LINE_LOST;
    line.way = LINE_TO_BOARD;
    line.number = 2;
    type(bench, "abc");
    assert_int_equal(bench->sent_count, 2);
    assert_memory_equal(bench->sent, "ac", 2);
    assert_true(bench->sent_at_ps[1] == 3u * BYTE_PS);
    assert_true(line.fired);
    assert_int_equal(line.bytes[LINE_TO_BOARD], 3);
    type(bench, "d"); /* once only */
    assert_int_equal(bench->sent_count, 3);
}

static void a_doubled_byte_comes_twice_and_delays_the_rest(void **state)
{
    struct bench *bench = *state;
    line.fault = LINE_DOUBLED;
    line.way = LINE_TO_BOARD;
    line.number = 3; /* the last one: nothing else would keep the line going */
    type(bench, "abc");
    assert_int_equal(bench->sent_count, 4);
    assert_memory_equal(bench->sent, "abcc", 4);
    assert_true(bench->sent_at_ps[3] == 4u * BYTE_PS);
    assert_int_equal(line.bytes[LINE_TO_BOARD], 3); /* one byte was sent, not two */
    type(bench, "d");
    assert_memory_equal(bench->sent, "abccd", 5);
}

static void a_corrupted_byte_has_the_bits_of_the_mask_changed(void **state)
{
    struct bench *bench = *state;
    line.fault = LINE_CORRUPTED;
    line.way = LINE_TO_BOARD;
    line.number = 1;
    line.mask = 0x03;
    type(bench, "ab");
    assert_int_equal(bench->sent_count, 2);
    assert_memory_equal(bench->sent, "bb", 2); /* 0x61 ^ 0x03 == 0x62 */
}

static void a_lost_answer_is_waited_for_and_a_doubled_one_counts_twice(void **state)
{
    struct bench *bench = *state;
    line.fault = LINE_LOST;
    line.way = LINE_FROM_BOARD;
    line.number = 1;
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 0);
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 133);
    line.fault = LINE_DOUBLED;
    line.number = 3;
    ANSWER(bench, "\x18"); /* one CAN on the line, CAN CAN for the sender: it ends the transfer */
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_CANCELLED);
    assert_int_equal(line.bytes[LINE_FROM_BOARD], 3);
}

static void nothing_passes_while_the_cable_is_out_even_after_a_power_cycle(void **state)
{
    struct bench *bench = *state;
    uint64_t past_ps = PS_PER_S;
    line.past_ps = &past_ps;
    line.out_from_ps = PS_PER_S + 2u * BYTE_PS; /* when the second byte arrives */
    line.out_to_ps = PS_PER_S + 4u * BYTE_PS;   /* when the fourth one does */
    type(bench, "abcde");
    assert_int_equal(bench->sent_count, 3);
    assert_memory_equal(bench->sent, "ade", 3);
    assert_true(line.fired);
    (void)take(bench);
    serial_peer_send(&bench->device, 0);
    line.out_to_ps = TIME_NEVER;
    ANSWER(bench, "C");
    assert_int_equal(take(bench), 0);
}

static void a_transfer_that_somebody_stops_sends_nothing_more(void **state)
{
    struct bench *bench = *state;
    serial_peer_send(&bench->device, 0);
    ANSWER(bench, "C");
    assert_true(step(bench, TIME_NEVER));
    assert_int_equal(serial_peer_type(&bench->device, "abc"), TB_OK);
    serial_peer_stop(&bench->device);
    assert_false(step(bench, TIME_NEVER - 1u));
    assert_int_equal(serial_peer_outcome(&bench->device), PEER_NONE);
    (void)take(bench);
    type(bench, "x");
    assert_int_equal(bench->sent_count, 1);
}

static pid_t start_receiver(const char *directory, int *line)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (chdir(directory) != 0 || dup2(ends[1], 0) < 0 || dup2(ends[1], 1) < 0)
            _exit(126);
        close(ends[0]);
        execlp("rb", "rb", "-q", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *line = ends[0];
    return pid;
}

/** Bytes go both ways; virtual time stands still while the receiver thinks. */
static void talk(struct bench *bench, int line)
{
    size_t passed = 0;
    while (serial_peer_outcome(&bench->device) == PEER_BUSY) {
        drain(bench);
        while (passed < bench->sent_count) {
            ssize_t count = write(line, bench->sent + passed, bench->sent_count - passed);
            assert_true(count > 0);
            passed += (size_t)count;
        }
        bench->sent_count = passed = 0;
        struct pollfd poll_line = {.fd = line, .events = POLLIN};
        assert_int_equal(poll(&poll_line, 1, 15000), 1);
        char bytes[64];
        ssize_t count = read(line, bytes, sizeof bytes);
        if (count <= 0)
            break;
        answer(bench, bytes, (size_t)count);
    }
}

static void check_received(const char *directory, const struct peer_image *image)
{
    char path[128];
    static uint8_t bytes[sizeof pattern + 1u];
    snprintf(path, sizeof path, "%s/%s", directory, image->name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(size, image->size);
    assert_memory_equal(bytes, image->bytes, size);
    assert_int_equal(remove(path), 0);
}

static void a_real_receiver_gets_the_same_bytes(void **state)
{
    struct bench *bench = *state;
    for (uint32_t image = 0; image < 2u; image++) {
        char directory[] = "/tmp/twinbank-ymodem-XXXXXX";
        int line, wait_status;
        assert_non_null(mkdtemp(directory));
        pid_t pid = start_receiver(directory, &line);
        serial_peer_send(&bench->device, image);
        talk(bench, line);
        close(line);
        assert_int_equal(waitpid(pid, &wait_status, 0), pid);
        if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 127) {
            rmdir(directory);
            skip(); /* lrzsz is not installed */
        }
        assert_int_equal(serial_peer_outcome(&bench->device), PEER_DONE);
        check_received(directory, &images[image]);
        assert_int_equal(rmdir(directory), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)
    const struct CMUnitTest tests[] = {
        TEST(typed_text_leaves_byte_by_byte_at_the_baud_rate),
        TEST(more_text_than_fits_is_refused),
        TEST(nothing_is_sent_before_the_receiver_asks),
        TEST(a_whole_transfer_has_the_blocks_of_the_protocol),
        TEST(a_refused_block_is_sent_again_up_to_a_limit),
        TEST(two_cancels_end_a_transfer_and_one_does_not),
        TEST(answers_that_come_while_a_block_leaves_are_read_behind_it),
        TEST(silence_repeats_a_block_after_ten_seconds),
        TEST(a_receiver_that_never_asks_is_given_up_after_three_waits),
        TEST(a_command_is_typed_before_the_transfer),
        TEST(a_terminal_of_fixed_rate_does_not_read_frames_of_another),
        TEST(a_terminal_is_set_to_the_rate_of_the_boards_last_frame),
        TEST(typed_bytes_may_be_zero),
        TEST(a_lost_byte_leaves_a_gap_of_its_time),
        TEST(a_doubled_byte_comes_twice_and_delays_the_rest),
        TEST(a_corrupted_byte_has_the_bits_of_the_mask_changed),
        TEST(a_lost_answer_is_waited_for_and_a_doubled_one_counts_twice),
        TEST(nothing_passes_while_the_cable_is_out_even_after_a_power_cycle),
        TEST(a_transfer_that_somebody_stops_sends_nothing_more),
        TEST(a_real_receiver_gets_the_same_bytes),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
