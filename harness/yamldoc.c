/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/yamldoc.h"

#include "harness/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status read_file(struct yamldoc *doc, struct error *err)
{
    FILE *file = fopen(doc->path, "rb");
    if (file == NULL)
        return error_set(err, TB_ERR_IO, "%s: %s", doc->path, strerror(errno));
    doc->text = malloc(YAML_MAX_BYTES + 1u);
    if (doc->text == NULL) {
        fclose(file);
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", doc->path);
    }
    doc->size = fread(doc->text, 1, YAML_MAX_BYTES + 1u, file);
    bool failed = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    if (failed)
        return error_set(err, TB_ERR_IO, "%s: %s", doc->path, strerror(reason));
    if (doc->size > YAML_MAX_BYTES)
        return error_set(err, TB_ERR_INPUT, "%s:1: larger than 1 MiB; expected a scenario", doc->path);
    return TB_OK;
}

/** Aliases could make a small file mean a huge one; scenarios need none. */
static enum status refuse_aliases(struct yamldoc *doc, struct error *err)
{
    yaml_parser_t parser;
    yaml_event_t event;
    enum status status = TB_OK;
    bool end = false;
    if (!yaml_parser_initialize(&parser))
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", doc->path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)doc->text, doc->size);
    while (!end && status == TB_OK) {
        if (!yaml_parser_parse(&parser, &event)) {
            /* a lexer's error has no problem mark of its own in some cases: line 1 then */
            status = error_set(err, TB_ERR_INPUT, "%s:%zu: not YAML: %s%s%s", doc->path, parser.problem_mark.line + 1u,
                               parser.problem != NULL ? parser.problem : "unreadable",
                               parser.context != NULL ? ", " : "", parser.context != NULL ? parser.context : "");
            break;
        }
        if (event.type == YAML_ALIAS_EVENT)
            status = error_set(err, TB_ERR_INPUT, "%s:%zu: alias (*name); expected the value itself", doc->path,
                               event.start_mark.line + 1u);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum status load_tree(struct yamldoc *doc, struct error *err)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", doc->path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)doc->text, doc->size);
    enum status status = TB_OK;
    if (!yaml_parser_load(&parser, &doc->document))
        status = error_set(err, TB_ERR_INPUT, "%s:%zu: not YAML: %s", doc->path, parser.problem_mark.line + 1u,
                           parser.problem != NULL ? parser.problem : "unreadable");
    else if (yaml_document_get_root_node(&doc->document) == NULL)
        status = error_set(err, TB_ERR_INPUT, "%s:1: empty; expected a scenario", doc->path);
    yaml_parser_delete(&parser);
    return status;
}

enum status yamldoc_load(struct yamldoc *doc, const char *path, struct error *err)
{
    memset(doc, 0, sizeof *doc);
    doc->path = path;
    enum status status = read_file(doc, err);
    if (status == TB_OK)
        status = refuse_aliases(doc, err);
    if (status == TB_OK)
        status = load_tree(doc, err);
    if (status != TB_OK)
        yamldoc_free(doc);
    return status;
}

void yamldoc_free(struct yamldoc *doc)
{
    yaml_document_delete(&doc->document);
    free(doc->text);
    memset(doc, 0, sizeof *doc);
}

/* --- finding nodes ---------------------------------------------------------------------------- */

static const char *scalar_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

static yaml_node_t *child_by_key(struct yamldoc *doc, yaml_node_t *node, const char *key, size_t length)
{
    if (node->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node(&doc->document, pair->key);
        if (name->type == YAML_SCALAR_NODE && strlen(scalar_text(name)) == length &&
            memcmp(scalar_text(name), key, length) == 0)
            return yaml_document_get_node(&doc->document, pair->value);
    }
    return NULL;
}

static yaml_node_t *child_by_index(struct yamldoc *doc, yaml_node_t *node, size_t index)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return NULL;
    yaml_node_item_t *item = node->data.sequence.items.start + index;
    return item < node->data.sequence.items.top ? yaml_document_get_node(&doc->document, *item) : NULL;
}

/** Walks as far as the path exists; *complete tells whether that was all of it. */
static yaml_node_t *walk(struct yamldoc *doc, const char *path, bool *complete)
{
    yaml_node_t *node = yaml_document_get_root_node(&doc->document);
    *complete = false;
    while (*path != '\0') {
        yaml_node_t *child;
        if (*path == '[') {
            char *end;
            child = child_by_index(doc, node, strtoul(path + 1, &end, 10));
            path = end + 1;
        } else {
            size_t length = strcspn(path, ".[");
            child = child_by_key(doc, node, path, length);
            if (child == NULL) { /* a key with dots in it, the last one of the path */
                length = strlen(path);
                child = child_by_key(doc, node, path, length);
            }
            path += length;
        }
        if (child == NULL)
            return node;
        node = child;
        path += *path == '.';
    }
    *complete = true;
    return node;
}

yaml_node_t *yamldoc_find(struct yamldoc *doc, const char *path)
{
    bool complete;
    yaml_node_t *node = walk(doc, path, &complete);
    return complete ? node : NULL;
}

unsigned yamldoc_line(struct yamldoc *doc, const char *path)
{
    bool complete;
    return (unsigned)walk(doc, path, &complete)->start_mark.line + 1u;
}

enum status yamldoc_error(struct yamldoc *doc, const char *path, struct error *err, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return error_set(err, TB_ERR_INPUT, "%s:%u: %s", doc->path, yamldoc_line(doc, path), what);
}

/* --- checking against a schema ---------------------------------------------------------------- */

struct check {
    struct yamldoc *doc;
    struct error *err;
};

static enum status check_value(struct check *check, yaml_node_t *node, const char *name,
                               const cyaml_schema_value_t *schema);

static enum status refuse(struct check *check, const yaml_node_t *node, const char *format, ...) PRINTF_LIKE(3, 4);
static enum status refuse(struct check *check, const yaml_node_t *node, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return error_set(check->err, TB_ERR_INPUT, "%s:%zu: %s", check->doc->path, node->start_mark.line + 1u, what);
}

/** Names of a schema, "a, b, c", for "expected one of". */
static void list_keys(const cyaml_schema_field_t *fields, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (; fields->key != NULL && used + 1u < size; fields++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", fields->key);
}

static const cyaml_schema_field_t *field_of(const cyaml_schema_field_t *fields, const char *key)
{
    for (; fields->key != NULL; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

static enum status unknown_key(struct check *check, const yaml_node_t *key, const char *name,
                               const cyaml_schema_field_t *fields)
{
    const char *best = NULL;
    unsigned distance = 0;
    char keys[256];
    for (const cyaml_schema_field_t *field = fields; field->key != NULL; field++)
        nearest_word(scalar_text(key), field->key, &best, &distance);
    list_keys(fields, keys, sizeof keys);
    return refuse(check, key, "unknown key '%.40s' in %s%s; expected one of: %s", scalar_text(key), name,
                  did_you_mean(best, distance), keys);
}

static bool key_repeats(struct check *check, const yaml_node_t *node, const yaml_node_pair_t *pair, const char *key)
{
    for (const yaml_node_pair_t *other = node->data.mapping.pairs.start; other < pair; other++) {
        yaml_node_t *name = yaml_document_get_node(&check->doc->document, other->key);
        if (name->type == YAML_SCALAR_NODE && strcmp(scalar_text(name), key) == 0)
            return true;
    }
    return false;
}

static enum status check_mapping(struct check *check, yaml_node_t *node, const char *name,
                                 const cyaml_schema_field_t *fields)
{
    char keys[256];
    list_keys(fields, keys, sizeof keys);
    if (node->type != YAML_MAPPING_NODE)
        return refuse(check, node, "%s is not a mapping; expected keys: %s", name, keys);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(&check->doc->document, pair->key);
        if (key->type != YAML_SCALAR_NODE)
            return refuse(check, key, "a key of %s is not a word; expected one of: %s", name, keys);
        const cyaml_schema_field_t *field = field_of(fields, scalar_text(key));
        if (field == NULL)
            return unknown_key(check, key, name, fields);
        if (key_repeats(check, node, pair, field->key))
            return refuse(check, key, "'%s' appears twice in %s; expected it once", field->key, name);
        yaml_node_t *value = yaml_document_get_node(&check->doc->document, pair->value);
        enum status status = check_value(check, value, field->key, &field->value);
        if (status != TB_OK)
            return status;
    }
    for (; fields->key != NULL; fields++)
        if ((fields->value.flags & CYAML_FLAG_OPTIONAL) == 0 &&
            child_by_key(check->doc, node, fields->key, strlen(fields->key)) == NULL)
            return refuse(check, node, "%s has no '%s'; expected one", name, fields->key);
    return TB_OK;
}

static enum status check_sequence(struct check *check, yaml_node_t *node, const char *name,
                                  const cyaml_schema_value_t *schema)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return refuse(check, node, "%s is not a list; expected a list, as in [...] or lines with -", name);
    size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (count < schema->sequence.min || count > schema->sequence.max)
        return refuse(check, node, "%s has %zu entries; expected %u to %u", name, count, (unsigned)schema->sequence.min,
                      (unsigned)schema->sequence.max);
    char entry_name[64];
    snprintf(entry_name, sizeof entry_name, "an entry of %.40s", name);
    for (size_t i = 0; i < count; i++) {
        enum status status =
            check_value(check, child_by_index(check->doc, node, i), entry_name, schema->sequence.entry);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/** A name behind "no": "entry of at" for "an entry of at". */
static const char *without_article(const char *name)
{
    return strncmp(name, "an ", 3) == 0 ? name + 3 : name;
}

static enum status check_enum(struct check *check, const yaml_node_t *node, const char *name,
                              const cyaml_schema_value_t *schema)
{
    const char *best = NULL;
    unsigned distance = 0;
    char words[200];
    size_t used = 0;
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        const char *word = schema->enumeration.strings[i].str;
        if (strcmp(word, scalar_text(node)) == 0)
            return TB_OK;
        nearest_word(scalar_text(node), word, &best, &distance);
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", i > 0 ? ", " : "", word);
        if (used >= sizeof words)
            used = sizeof words - 1u;
    }
    return refuse(check, node, "'%.40s' is no %s%s; expected one of: %s", scalar_text(node), without_article(name),
                  did_you_mean(best, distance), words);
}

static enum status check_scalar(struct check *check, const yaml_node_t *node, const char *name,
                                const cyaml_schema_value_t *schema)
{
    uint32_t number;
    if (node->type != YAML_SCALAR_NODE)
        return refuse(check, node, "%s is not a single value; expected %s", name,
                      schema->type == CYAML_STRING ? "text" : "one value");
    size_t length = node->data.scalar.length;
    if (memchr(scalar_text(node), '\0', length) != NULL)
        return refuse(check, node, "%s holds a NUL character; expected text", name);
    switch (schema->type) {
    case CYAML_ENUM:
        return check_enum(check, node, name, schema);
    case CYAML_UINT:
        if (parse_number(scalar_text(node), &number) != TB_OK)
            return refuse(check, node, "'%.40s' is no %s; expected " NUMBER_EXPECTED, scalar_text(node),
                          without_article(name));
        return TB_OK;
    case CYAML_BOOL:
        if (strcmp(scalar_text(node), "true") != 0 && strcmp(scalar_text(node), "false") != 0)
            return refuse(check, node, "'%.40s' is no %s; expected true or false", scalar_text(node),
                          without_article(name));
        return TB_OK;
    default:
        if (length < schema->string.min || length > schema->string.max)
            return refuse(check, node, "%s has %zu characters; expected %u to %u", name, length,
                          (unsigned)schema->string.min, (unsigned)schema->string.max);
        return TB_OK;
    }
}

static enum status check_value(struct check *check, yaml_node_t *node, const char *name,
                               const cyaml_schema_value_t *schema)
{
    switch (schema->type) {
    case CYAML_MAPPING:
        return check_mapping(check, node, name, schema->mapping.fields);
    case CYAML_SEQUENCE:
        return check_sequence(check, node, name, schema);
    case CYAML_IGNORE:
        return TB_OK;
    default:
        return check_scalar(check, node, name, schema);
    }
}

enum status yamldoc_check_node(struct yamldoc *doc, yaml_node_t *node, const char *name,
                               const cyaml_schema_value_t *schema, struct error *err)
{
    struct check check = {doc, err};
    return check_value(&check, node, name, schema);
}

enum status yamldoc_check(struct yamldoc *doc, const cyaml_schema_value_t *schema, struct error *err)
{
    return yamldoc_check_node(doc, yaml_document_get_root_node(&doc->document), "the scenario", schema, err);
}
