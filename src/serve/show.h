/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_SHOW_H
#define SERVE_SHOW_H

/*
 * show - a report of conf/ as people and programs read it.
 *
 * Lines of the file are shown where they cannot hold a secret.
 */

#include "conf/load.h"

/* All messages to standard error; with the lines and carets if it is a terminal. */
void show_report(const struct report *, struct slice yaml);

/* One JSON object to standard output. */
void show_json(const struct report *, const struct snapshot *);

#endif
