/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The keys of a scenario file: one libcyaml schema. */
#ifndef TWINBANK_HARNESS_SCENARIO_SCHEMA_H
#define TWINBANK_HARNESS_SCENARIO_SCHEMA_H

#include <cyaml/cyaml.h>

extern const cyaml_schema_value_t scenario_schema;
/** What stands behind `heartbeat`: one of them, or a list. */
extern const cyaml_schema_value_t heartbeat_schema, heartbeats_schema;

#endif
