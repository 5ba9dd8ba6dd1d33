/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A YAML file as a tree that remembers lines. libcyaml loads scenarios into structs but names no
 * line for a wrong key's neighbour or a wrong duration; this tree does, and it refuses by the same
 * schema, in one clear line, whatever libcyaml would have refused with a backtrace.
 */
#ifndef TWINBANK_HARNESS_YAMLDOC_H
#define TWINBANK_HARNESS_YAMLDOC_H

#include "sim/base.h"

#include <cyaml/cyaml.h>
#include <yaml.h>

#define YAML_MAX_BYTES (1u << 20)

struct yamldoc {
    const char *path;
    char *text;
    size_t size;
    yaml_document_t document;
};

enum status yamldoc_load(struct yamldoc *doc, const char *path, struct error *err) MUST_CHECK;
void yamldoc_free(struct yamldoc *doc);

/** Checks keys, kinds of values, enumerations and required fields against a libcyaml schema. */
enum status yamldoc_check(struct yamldoc *doc, const cyaml_schema_value_t *schema, struct error *err) MUST_CHECK;

/** The same for one node, which is called `name`. */
enum status yamldoc_check_node(struct yamldoc *doc, yaml_node_t *node, const char *name,
                               const cyaml_schema_value_t *schema, struct error *err) MUST_CHECK;

/** The node at a path such as "steps[2].wait.within", or NULL. */
yaml_node_t *yamldoc_find(struct yamldoc *doc, const char *path);
/** Line (from 1) of that node, or of the nearest existing node above it. */
unsigned yamldoc_line(struct yamldoc *doc, const char *path);
/** TB_ERR_INPUT and "file:line: what; expected ...". */
enum status yamldoc_error(struct yamldoc *doc, const char *path, struct error *err, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
