/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_GREET_H
#define SERVE_GREET_H

/*
 * greet - what a gateway says when it serves: where, and a first request to try.
 *
 * Said by the process that serves, once everything that could fail at the start has not:
 * the data folder is open, the log can be written, the ports are heard.
 */

#include <stdbool.h>

struct boot;

/* To standard output.  `asks`: callers need a key. */
void greet_say(const struct boot *, bool asks);

#endif
