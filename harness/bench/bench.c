/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * twinbank-bench: how fast the machine is, in one table. Times are the host's, so a busy host
 * shows in them: look at the ratios, which are measured in alternation.
 */
#include "bench.h"

#include "harness/runner.h"
#include "sim/loader.h"
#include "sim/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define RUNS  5u
#define BOOTS 400u

double bench_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct loop {
    enum bench_loop id;
    const char *name;
    uint32_t rounds;
    uint32_t begin, per_round; /* instructions, see firmware.S */
    double aim;                /* least ratio to the bare engine; 0: none */
};

static const struct loop loops[] = {
    {LOOP_CRC, "crc", 17350, 6 + 2 + 1, 4 + 256 * 45, 0.65},
    {LOOP_MEMCPY, "memcpy", 65000, 6 + 1, 5 + 512 * 6, 0.75},
    {LOOP_CALLS, "calls", 57350, 6 + 1, 4 + 233 * 3 + 232 * 12, 0.58},
};

static uint64_t instructions_of(const struct loop *loop)
{
    return loop->begin + (uint64_t)loop->rounds * loop->per_round;
}

/* --- the image ----------------------------------------------------------------------------- */

static uint32_t symbol(const char *name, bool *failed)
{
    struct error err;
    uint32_t address = 0;
    uint32_t size = 0;
    if (elf_symbol(BENCH_FIRMWARE, name, &address, &size, &err) != TB_OK) {
        fprintf(stderr, "twinbank-bench: %s\n", err.text);
        *failed = true;
    }
    return address & ~1u;
}

static bool image_prepare(struct bench_image *out, enum bench_loop id, uint32_t rounds)
{
    struct image image;
    struct error err;
    if (image_load(&image, BENCH_FIRMWARE, 0, &err) != TB_OK) {
        fprintf(stderr, "twinbank-bench: %s\n", err.text);
        return false;
    }
    const struct image_part *part = &image.parts[0];
    bool failed = image.part_count != 1u || part->address != BENCH_FLASH_BASE;
    uint32_t selector = symbol("selector", &failed);
    out->end = symbol("bench_done", &failed);
    if (!failed) {
        out->size = part->size;
        out->bytes = malloc(part->size);
        memcpy(out->bytes, part->bytes, part->size);
        uint32_t words[2] = {(uint32_t)id, rounds};
        memcpy(out->bytes + (selector - BENCH_FLASH_BASE), words, sizeof words);
    }
    image_free(&image);
    return !failed;
}

static struct machine *machine_with(const struct bench_image *image)
{
    struct machine *machine = NULL;
    struct error err = {""};
    struct machine_config config = {.seed = 1, .ram_policy = RAM_ZERO};
    const struct board *board = board_find("nucleo-l476rg");
    if (board == NULL || machine_create(&machine, board, &config, &err) != TB_OK ||
        machine_load(machine, BENCH_FLASH_BASE, image->bytes, image->size, &err) != TB_OK) {
        fprintf(stderr, "twinbank-bench: no machine: %s\n", err.text);
        return NULL;
    }
    machine_power_on(machine);
    return machine;
}

/** Seconds for so many instructions from power-on; negative if it did not end at `end`. */
static double machine_time(const struct bench_image *image, uint64_t instructions, uint32_t end)
{
    struct machine *machine = machine_with(image);
    if (machine == NULL)
        return -1;
    struct run_limit limit = {.time_ps = TIME_NEVER, .instructions = instructions};
    double start = bench_now_s();
    (void)machine_run(machine, limit);
    double seconds = bench_now_s() - start;
    bool right = machine_instructions(machine) == instructions && (end == 0u || machine_pc(machine) == end);
    if (!right)
        fprintf(stderr, "twinbank-bench: the loop ended at 0x%08x after %llu instructions\n", machine_pc(machine),
                (unsigned long long)machine_instructions(machine));
    machine_destroy(machine);
    return right ? seconds : -1;
}

/* --- statistics ------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2u];
}

/* --- the table's parts ------------------------------------------------------------------------ */

static bool compare_loop(const struct loop *loop)
{
    struct bench_image image = {0};
    if (!image_prepare(&image, loop->id, loop->rounds))
        return false;
    uint64_t instructions = instructions_of(loop);
    double ours[RUNS], bare[RUNS], ratio[RUNS];
    bool failed = false;
    for (unsigned i = 0; i < RUNS; i++) { /* in alternation: a busy host meets both */
        bare[i] = bench_bare_run(&image);
        ours[i] = machine_time(&image, instructions, image.end);
        failed |= bare[i] <= 0 || ours[i] <= 0;
        ratio[i] = bare[i] / ours[i];
    }
    free(image.bytes);
    if (failed)
        return false;
    double millions = (double)instructions / 1e6;
    double ours_median = median(ours, RUNS);
    double bare_median = median(bare, RUNS);
    double ratio_median = median(ratio, RUNS);
    printf("%-8s %8.0f M   %7.0f %7.0f   %7.0f %7.0f   %5.2f %5.2f   %4.2f %s\n", loop->name, millions,
           millions / ours_median, millions / ours[0], millions / bare_median, millions / bare[0], ratio_median,
           bare[0] / ours[0], loop->aim, ratio_median >= loop->aim ? "met" : "MISSED");
    return true;
}

static bool time_mmio(const char *what, enum bench_loop id, uint32_t accesses_a_round, uint32_t per_round)
{
    struct bench_image image = {0};
    const uint32_t rounds = 4000000u / accesses_a_round;
    if (!image_prepare(&image, id, rounds))
        return false;
    double seconds[RUNS];
    bool failed = false;
    for (unsigned i = 0; i < RUNS; i++) {
        seconds[i] = machine_time(&image, 6u + 5u + 1u + (uint64_t)rounds * per_round, image.end);
        failed |= seconds[i] <= 0;
    }
    free(image.bytes);
    if (failed)
        return false;
    double accesses = (double)rounds * accesses_a_round / 1e6;
    double middle = median(seconds, RUNS);
    printf("%-44s %8.2f M/s   best %.2f\n", what, accesses / middle, accesses / seconds[0]);
    return true;
}

/* A tick every 1000 cycles: an exact stop, the timer, exception entry and return. */
static bool time_event(void)
{
    const uint64_t instructions = 40000000u;
    struct bench_image quiet = {0}, ticking = {0};
    if (!image_prepare(&quiet, LOOP_CRC, UINT32_MAX))
        return false;
    if (!image_prepare(&ticking, LOOP_CRC_TICKING, UINT32_MAX)) {
        free(quiet.bytes);
        return false;
    }
    double without[RUNS], with[RUNS];
    for (unsigned i = 0; i < RUNS; i++) {
        without[i] = machine_time(&quiet, instructions, 0);
        with[i] = machine_time(&ticking, instructions, 0);
    }
    free(quiet.bytes);
    free(ticking.bytes);
    double ticks = (double)instructions / 1000.0;
    double cost_us = (median(with, RUNS) - median(without, RUNS)) / ticks * 1e6;
    printf("%-44s %8.2f us\n", "a timed event with its interrupt", cost_us);
    return without[0] > 0 && with[0] > 0;
}

static bool time_boots(void)
{
    struct bench_image image = {0};
    struct snapshot *snapshot = NULL;
    struct error err = {""};
    if (!image_prepare(&image, LOOP_CALLS, UINT32_MAX))
        return false;
    struct machine *machine = machine_with(&image);
    free(image.bytes);
    if (machine == NULL || machine_save(machine, &snapshot, &err) != TB_OK) {
        fprintf(stderr, "twinbank-bench: no snapshot: %s\n", err.text);
        return false;
    }
    double seconds[BOOTS];
    for (unsigned i = 0; i < BOOTS; i++) {
        struct run_limit limit = {.time_ps = TIME_NEVER, .instructions = 200000u};
        double start = bench_now_s();
        machine_restore(machine, snapshot);
        (void)machine_run(machine, limit);
        seconds[i] = bench_now_s() - start;
    }
    snapshot_free(machine, snapshot);
    machine_destroy(machine);
    double middle = median(seconds, BOOTS);
    printf("%-44s %8.3f ms   best %.3f\n", "restore and a boot of 200,000 instructions", middle * 1e3,
           seconds[0] * 1e3);
    return true;
}

/* Virtual time against the host's, in the scenario that the product is made for. */
static bool time_update(void)
{
    struct scenario *scenario = NULL;
    struct error err = {""};
    if (scenario_load(&scenario, BENCH_SCENARIO, BENCH_IMAGES_DIR, &err) != TB_OK) {
        printf("%-44s not run: %s\n", "an update over the serial line", err.text);
        return false;
    }
    static struct result result;
    struct run_options options = {.images_dir = BENCH_IMAGES_DIR};
    double start = bench_now_s();
    scenario_run(scenario, &options, &result);
    double seconds = bench_now_s() - start;
    scenario_free(scenario);
    double virtual_s = (double)result.virtual_ps / (double)PS_PER_S;
    printf("%-44s %8.1f virtual s / host s   (%.1f s, %.0f M instructions, %s)\n", "an update over the serial line",
           virtual_s / seconds, virtual_s, (double)result.instructions / 1e6,
           verdict_name((enum verdict)result.verdict));
    return result.verdict == VERDICT_PASS;
}

int main(void)
{
    bool right = true;
    printf("million instructions a second, exact counting against the bare engine; %u runs\n", RUNS);
    printf("%-8s %8s     %7s %7s   %7s %7s   %5s %5s   %s\n", "loop", "length", "ours", "best", "bare", "best", "ratio",
           "best", "aim");
    for (size_t i = 0; i < ARRAY_LENGTH(loops); i++)
        right &= compare_loop(&loops[i]);
    printf("\n");
    right &= time_mmio("writes to CRC_DR", LOOP_CRC_DR, 8, 10);
    right &= time_mmio("reads of GPIOC_IDR, polling", LOOP_GPIO, 1, 3);
    right &= time_event();
    right &= time_boots();
    right &= time_update();
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-44s %8.0f MiB\n", "peak memory", (double)usage.ru_maxrss / 1024.0);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
