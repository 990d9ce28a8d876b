/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_DISCOVER_H
#define SERVE_DISCOVER_H

/*
 * discover - a configuration made of what is on this machine.
 *
 * Engines on loopback at their usual ports, and vendors' keys in the
 * environment, become models: the former in a zone that may receive all but
 * credentials, the latter in one for internal content.  Where there is
 * neither, three simulated models stand in for them.  What comes out is a
 * configuration file like any other, for conf_load() and for people to start
 * from.  Takes PROBE_WAIT_MS at most, and next to nothing where nothing listens.
 */

#include "serve/probe.h"
#include "core/err.h"
#include "core/must.h"
#include "core/text.h"

/*
 * Looks, and writes the configuration, and a line for people about each thing
 * that was found.  ERR_MEMORY when a text has no room for it: 64 KiB are enough.
 */
must_use enum err discover(struct text *yaml, struct text *summary);

/* The second half: the configuration of what probes found, and of the environment's keys. */
must_use enum err discover_write(const struct probe *, size_t count, struct text *yaml,
    struct text *summary);

#endif
