/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/options.h"

#include "harness/text.h"

#include <getopt.h>
#include <string.h>

#define DEFAULT_FOR_PS (1u * PS_PER_S)

enum option_id {
    OPTION_JOBS = 1,
    OPTION_REPORT,
    OPTION_IMAGES,
    OPTION_FORCE_STOPS,
    OPTION_CASE,
    OPTION_SHARD,
    OPTION_SAMPLE,
    OPTION_SEED,
    OPTION_RESUME,
    OPTION_NO_EQUIVALENCE,
    OPTION_TRACE,
    OPTION_BOARD,
    OPTION_LOAD,
    OPTION_UART,
    OPTION_PIN,
    OPTION_WIRE,
    OPTION_TYPE,
    OPTION_BAUD,
    OPTION_KNOB,
    OPTION_FOR,
    OPTION_JSON,
    OPTION_VERBOSE,
};

#define FOR_RUN   (1u << COMMAND_RUN)
#define FOR_MERGE (1u << COMMAND_MERGE)
#define FOR_EXEC  (1u << COMMAND_EXEC)

struct option_entry {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;     /* NULL: for tests only, not shown */
    enum option_id id;
    uint32_t commands;
};

static const struct option_entry table[] = {
    {"jobs", "N", "scenarios at the same time (default 1)", OPTION_JOBS, FOR_RUN},
    {"report", "DIR", "write report.html, twinbank.xml (JUnit), twinbank.json and journals of sweeps there",
     OPTION_REPORT, FOR_RUN | FOR_MERGE},
    {"images", "DIR", "where image files are (default: $TWINBANK_IMAGES, then the build's own)", OPTION_IMAGES,
     FOR_RUN},
    {"case", "ID", "one case of a sweep, as its failure names it", OPTION_CASE, FOR_RUN},
    {"shard", "K/N", "the K-th of N parts; twinbank merge joins their reports", OPTION_SHARD, FOR_RUN},
    {"sample", "N", "N cases of each sweep instead of all", OPTION_SAMPLE, FOR_RUN},
    {"seed", "S", "draws the sample (default 1)", OPTION_SEED, FOR_RUN},
    {"resume", NULL, "go on where the journals in the --report directory end", OPTION_RESUME, FOR_RUN},
    {"no-equivalence", NULL, "execute every case, reuse nothing: slow, to check the rest", OPTION_NO_EQUIVALENCE,
     FOR_RUN},
    {"force-stops", "SEED[:INTERVAL]", NULL, OPTION_FORCE_STOPS, FOR_RUN},
    {"trace", "FILE.vcd", "write pins, ports, flash, resets, exceptions as signals over time (run: of one scenario)",
     OPTION_TRACE, FOR_RUN | FOR_EXEC},
    {"board", "BOARD", "the board to run on", OPTION_BOARD, FOR_EXEC},
    {"load", "FILE[@ADDR]",
     "flash an ELF, HEX or binary file (a binary at ADDR, default: start of flash); what is all in RAM is started "
     "there",
     OPTION_LOAD, FOR_EXEC},
    {"uart", "PORT=stdio|file:F",
     "where the text of a port goes (default: line by line among the events; with stdio those go to stderr)",
     OPTION_UART, FOR_EXEC},
    {"pin", "PIN=0|1|released|1.65V[@TIME]", "drive a pin from a time on (default: at once); may be repeated",
     OPTION_PIN, FOR_EXEC},
    {"wire", "PIN=PIN", "a jumper wire between two pins, as in PB8=PC0; may be repeated", OPTION_WIRE, FOR_EXEC},
    {"type", "PORT=TEXT[@TIME]",
     "type on a port at a time (default: at once); \\r \\n \\t \\0 \\\\ \\@ \\xNN in TEXT; may be repeated",
     OPTION_TYPE, FOR_EXEC},
    {"baud", "PORT=N", "the terminal keeps to this rate (default: what the board sends with; 115200 until it does)",
     OPTION_BAUD, FOR_EXEC},
    {"knob", "NAME=VALUE", "take another reading of what `twinbank list knobs` names; may be repeated", OPTION_KNOB,
     FOR_EXEC},
    {"for", "TIME", "virtual time to run, as in 2s or 500ms (default 1s)", OPTION_FOR, FOR_EXEC},
    {"json", NULL, "print JSON lines: an object an event, the last one sums up", OPTION_JSON, FOR_EXEC},
    {"verbose", NULL, "print every pin edge", OPTION_VERBOSE, FOR_EXEC},
};

static const struct {
    const char *name;
    enum command command;
    const char *words;
    const char *help;
} commands[] = {
    {"run", COMMAND_RUN, "FILE|DIR...", "run scenarios; exit 0: all pass, 1: a failure, 3: inconclusive or vacuous"},
    {"merge", COMMAND_MERGE, "--report DIR DIR...", "join the reports of shards to that of the whole"},
    {"exec", COMMAND_EXEC, "--board BOARD --load FILE[@ADDR]...",
     "run a program as a board would, print what is observed; exit 3: it used what is not modelled"},
    {"list", COMMAND_LIST, "boards|chips|models|knobs", "what this build can emulate"},
    {"--help", COMMAND_HELP, "", "this text"},
    {"--version", COMMAND_VERSION, "", "the version"},
};

void options_print_help(FILE *out)
{
    fputs("twinbank: emulator and fault harness for dual-bank firmware\n\nUsage:\n", out);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        fprintf(out, "  twinbank %s %s\n      %s\n", commands[i].name, commands[i].words, commands[i].help);
        for (size_t j = 0; j < ARRAY_LENGTH(table); j++) {
            char text[64];
            if ((table[j].commands & (1u << commands[i].command)) == 0 || table[j].help == NULL)
                continue;
            snprintf(text, sizeof text, "--%s%s%s", table[j].name, table[j].argument != NULL ? " " : "",
                     table[j].argument != NULL ? table[j].argument : "");
            fprintf(out, "      %-30s %s\n", text, table[j].help);
        }
    }
    fputs("\nExit code 2: wrong usage or input. Scenario files: docs/scenarios.md.\n", out);
}

static enum status find_command(struct options *options, const char *word, struct error *err)
{
    const char *best = NULL;
    unsigned distance = 0;
    if (strcmp(word, "help") == 0 || strcmp(word, "-h") == 0)
        word = "--help";
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        nearest_word(word, commands[i].name, &best, &distance);
        if (strcmp(word, commands[i].name) == 0) {
            options->command = commands[i].command;
            return TB_OK;
        }
    }
    return error_set(err, TB_ERR_INPUT,
                     "unknown command '%.60s'%s; expected run, merge, exec, list, --help or --version", word,
                     did_you_mean(best, distance));
}

static enum status unknown_option(const struct options *options, const char *word, struct error *err)
{
    char name[64], known[200];
    size_t used = 0;
    const char *best = NULL;
    unsigned distance = 0;
    snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
    name[strcspn(name, "=")] = '\0';
    known[0] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        if ((table[i].commands & (1u << options->command)) == 0 || table[i].help == NULL)
            continue;
        nearest_word(name, table[i].name, &best, &distance);
        used += (size_t)snprintf(known + used, sizeof known - used, "%s--%s", used > 0 ? ", " : "", table[i].name);
    }
    return error_set(err, TB_ERR_INPUT, "unknown option '%.60s'%s; expected %s%s", word, did_you_mean(best, distance),
                     used > 0 ? "one of: " : "none", known);
}

static enum status bad_value(const char *option, const char *value, const char *expected, struct error *err)
{
    return error_set(err, TB_ERR_INPUT, "--%s: '%.60s' does not fit; expected %s", option, value, expected);
}

static enum status add_to(struct options_list *list, const char *option, const char *value, struct error *err)
{
    if (list->count == OPTIONS_LIST_MAX)
        return error_set(err, TB_ERR_INPUT, "--%s: too many; expected at most %u", option, OPTIONS_LIST_MAX);
    list->values[list->count++] = value;
    return TB_OK;
}

static enum status parse_force_stops(struct options *options, const char *value, struct error *err)
{
    char seed[24];
    uint32_t number, interval = 300;
    const char *colon = strchr(value, ':');
    snprintf(seed, sizeof seed, "%.*s", (int)strcspn(value, ":"), value);
    if (parse_number(seed, &number) != TB_OK || (colon != NULL && parse_number(colon + 1, &interval) != TB_OK) ||
        interval == 0)
        return bad_value("force-stops", value, "SEED[:INTERVAL]", err);
    options->stop_seed = number;
    options->stop_interval = interval;
    return TB_OK;
}

static enum status parse_shard(struct options *options, const char *value, struct error *err)
{
    char first[24];
    const char *slash = strchr(value, '/');
    snprintf(first, sizeof first, "%.*s", (int)strcspn(value, "/"), value);
    if (slash == NULL || parse_number(first, &options->shard) != TB_OK ||
        parse_number(slash + 1, &options->shards) != TB_OK || options->shard < 1u || options->shard > options->shards ||
        options->shards > 10000u)
        return bad_value("shard", value, "K/N with K from 1 to N, as in 2/8", err);
    return TB_OK;
}

static enum status take(struct options *options, const struct option_entry *entry, const char *value, struct error *err)
{
    switch (entry->id) {
    case OPTION_JOBS:
        if (parse_number(value, &options->jobs) != TB_OK || options->jobs == 0 || options->jobs > 64u)
            return bad_value(entry->name, value, "a number from 1 to 64", err);
        return TB_OK;
    case OPTION_REPORT:
        options->report_dir = value;
        return TB_OK;
    case OPTION_IMAGES:
        options->images_dir = value;
        return TB_OK;
    case OPTION_FORCE_STOPS:
        return parse_force_stops(options, value, err);
    case OPTION_TRACE:
        options->trace_path = value;
        return TB_OK;
    case OPTION_CASE:
        options->case_id = value;
        return TB_OK;
    case OPTION_SHARD:
        return parse_shard(options, value, err);
    case OPTION_SAMPLE:
        if (parse_number(value, &options->sample) != TB_OK || options->sample == 0)
            return bad_value(entry->name, value, "a number from 1 on", err);
        return TB_OK;
    case OPTION_SEED:
        if (parse_number(value, &options->seed) != TB_OK)
            return bad_value(entry->name, value, NUMBER_EXPECTED, err);
        return TB_OK;
    case OPTION_RESUME:
        options->resume = true;
        return TB_OK;
    case OPTION_NO_EQUIVALENCE:
        options->no_equivalence = true;
        return TB_OK;
    case OPTION_BOARD:
        options->board = value;
        return TB_OK;
    case OPTION_LOAD:
        return add_to(&options->loads, entry->name, value, err);
    case OPTION_UART:
        return add_to(&options->uarts, entry->name, value, err);
    case OPTION_PIN:
        return add_to(&options->pins, entry->name, value, err);
    case OPTION_WIRE:
        return add_to(&options->wires, entry->name, value, err);
    case OPTION_TYPE:
        return add_to(&options->types, entry->name, value, err);
    case OPTION_BAUD:
        return add_to(&options->bauds, entry->name, value, err);
    case OPTION_KNOB:
        return add_to(&options->knobs, entry->name, value, err);
    case OPTION_FOR:
        if (parse_duration(value, &options->for_ps) != TB_OK)
            return bad_value(entry->name, value, DURATION_EXPECTED, err);
        return TB_OK;
    case OPTION_JSON:
        options->json = true;
        return TB_OK;
    case OPTION_VERBOSE:
        options->verbose = true;
        return TB_OK;
    }
    return TB_OK;
}

/** The options of a command as getopt_long wants them; `val` is the place in the table + 256. */
static void make_getopt_table(const struct options *options, struct option *long_options)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
        if ((table[i].commands & (1u << options->command)) != 0)
            long_options[count++] = (struct option){
                table[i].name, table[i].argument != NULL ? required_argument : no_argument, NULL, (int)i + 256};
    long_options[count] = (struct option){NULL, 0, NULL, 0};
}

enum status options_parse(struct options *options, int argc, char **argv, struct error *err)
{
    struct option long_options[ARRAY_LENGTH(table) + 1];
    *options = (struct options){.jobs = 1, .seed = 1, .for_ps = DEFAULT_FOR_PS};
    if (argc < 2)
        return error_set(err, TB_ERR_INPUT, "no command; expected run, merge, exec, list, --help or --version");
    enum status status = find_command(options, argv[1], err);
    if (status != TB_OK)
        return status;
    make_getopt_table(options, long_options);
    opterr = 0;
    optind = 1;
    argc--;
    argv++;
    for (;;) {
        int at = optind;
        int id = getopt_long(argc, argv, ":", long_options, NULL);
        if (id == -1)
            break;
        if (id == ':')
            return error_set(err, TB_ERR_INPUT, "option '%.60s' wants a value; see twinbank --help", argv[optind - 1]);
        if (id == '?') {
            /* getopt has put words that are no options behind this one */
            const char *word = argv[optind - 1 >= at ? optind - 1 : at];
            return unknown_option(options, word, err);
        }
        status = take(options, &table[id - 256], optarg, err);
        if (status != TB_OK)
            return status;
    }
    options->words = argv + optind;
    options->word_count = (uint32_t)(argc - optind);
    return TB_OK;
}
