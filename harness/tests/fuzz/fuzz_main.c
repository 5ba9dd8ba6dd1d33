/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Runs a fuzzer where there is no libFuzzer: every file of a corpus, then so many inputs that are made of them, always
 * the same ones:
 *
 *     fuzz_NAME -seed=1 -runs=20000 -max_len=4096 CORPUS
 *
 * It knows nothing of coverage; a search is libFuzzer's task. The input that fails is left in ./crash-SEED-RUN.
 */
#include "harness/tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>

#define SEEDS_MAX 256u

struct seed {
    char *name;
    uint8_t *bytes;
    size_t size;
};

static struct seed seeds[SEEDS_MAX];
static size_t seed_count;
static unsigned long option_seed = 1, option_runs = 1000, option_max_len = 4096;

static uint8_t *input;
static size_t input_size;
static unsigned long run;
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % below);
}

/* NOLINTBEGIN(bugprone-signal-handler): the process is lost anyway; its input must not be */
static void keep_failure(int number)
{
    char name[64];
    snprintf(name, sizeof name, "crash-%lu-%lu", option_seed, run);
    FILE *file = fopen(name, "wb");
    if (file != NULL) {
        fwrite(input, 1, input_size, file);
        fclose(file);
        fprintf(stderr, "run %lu failed; its input is in %s\n", run, name);
    }
    signal(number, SIG_DFL);
    raise(number);
}
/* NOLINTEND(bugprone-signal-handler) */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct seed *)a)->name, ((const struct seed *)b)->name);
}

static int load(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        perror(folder);
        return 0;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL && seed_count < SEEDS_MAX; entry = readdir(dir)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (file == NULL)
            continue;
        struct seed *seed = &seeds[seed_count++];
        seed->name = strdup(entry->d_name);
        seed->bytes = malloc(option_max_len);
        seed->size = seed->bytes == NULL ? 0 : fread(seed->bytes, 1, option_max_len, file);
        fclose(file);
    }
    closedir(dir);
    qsort(seeds, seed_count, sizeof seeds[0], by_name);
    return 1;
}

static void insert(const uint8_t *bytes, size_t count)
{
    size_t at = pick((uint32_t)input_size + 1u);
    if (count > option_max_len - input_size)
        count = option_max_len - input_size;
    memmove(input + at + count, input + at, input_size - at);
    memcpy(input + at, bytes, count);
    input_size += count;
}

static void mutate(void)
{
    const struct seed *other = &seeds[pick((uint32_t)seed_count)];
    uint8_t some[8];
    size_t at = input_size == 0 ? 0 : pick((uint32_t)input_size);
    switch (pick(6)) {
    case 0:
        if (input_size > 0)
            input[at] ^= (uint8_t)(1u << pick(8));
        break;
    case 1:
        if (input_size > 0)
            input[at] = (uint8_t)pick(256);
        break;
    case 2:
        for (size_t i = 0; i < sizeof some; i++)
            some[i] = (uint8_t)pick(256);
        insert(some, 1u + pick(sizeof some));
        break;
    case 3:
        if (input_size > 0) {
            size_t count = 1u + pick((uint32_t)(input_size - at));
            count = count > 16u ? 16u : count;
            memmove(input + at, input + at + count, input_size - at - count);
            input_size -= count;
        }
        break;
    case 4:
        if (other->size > 0) {
            size_t from = pick((uint32_t)other->size);
            insert(other->bytes + from, 1u + pick((uint32_t)(other->size - from)));
        }
        break;
    default:
        if (input_size > 0)
            input[at] = (uint8_t)(pick(2) == 0 ? 0x00 : 0xff);
        break;
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (sscanf(argv[i], "-seed=%lu", &option_seed) == 1 || sscanf(argv[i], "-runs=%lu", &option_runs) == 1 ||
            sscanf(argv[i], "-max_len=%lu", &option_max_len) == 1)
            continue;
        if (!load(argv[i]))
            return 2;
    }
    input = malloc(option_max_len);
    if (seed_count == 0 || input == NULL) {
        fprintf(stderr, "usage: %s -seed=N -runs=N -max_len=N CORPUS\n", argv[0]);
        return 2;
    }
    signal(SIGABRT, keep_failure);
    signal(SIGSEGV, keep_failure);
    random_state = option_seed;
    for (run = 0; run < seed_count + option_runs; run++) {
        const struct seed *seed = &seeds[run < seed_count ? run : pick((uint32_t)seed_count)];
        memcpy(input, seed->bytes, seed->size);
        input_size = seed->size;
        for (uint32_t n = run < seed_count ? 0 : 1u + pick(8); n > 0; n--)
            mutate();
        (void)LLVMFuzzerTestOneInput(input, input_size);
    }
    printf("%zu inputs of the corpus and %lu made of them: no finding\n", seed_count, option_runs);
    return 0;
}
