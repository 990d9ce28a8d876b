/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

/*
 * load - from a YAML file to a snapshot, or to a list of mistakes.
 *
 * The file is read with libyaml's events (YAML 1.1 without tags, aliases,
 * several documents or duplicate keys) into typed nodes that remember file,
 * line and column; conf.tbl says which keys there are and of what type.  Every
 * mistake is found that can be found in one pass, each with its place and,
 * for a misspelt word, the nearest known one.  A file with any mistake gives
 * no snapshot.  Secrets are read here (`env:NAME`, `file:PATH`) and never
 * appear in a message.  Blocks on files: for start-up, reload and jobs.
 */

#include "conf/snapshot.h"
#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "yaml/report.h"

struct conf_options {
	const struct hash_key	*hash_key;	/* random, of this process */
	uint32_t		 workers;	/* unless the file says; 0: processors */
	struct slice		 simulated_url;	/* of the built-in providers, with /v1 */
	bool			 detached;	/* no files, no environment */
	bool			 lists;		/* but for lists of values, and their key */
	bool			 disproven;	/* a broken invariant is no mistake */
};

/*
 * Builds a snapshot with one reference from the file's bytes.  ERR_CONF with
 * report->errors > 0; ERR_MEMORY.  A detached snapshot is for checking only:
 * its models have no TLS contexts.
 */
must_use enum err conf_load(struct slice yaml, const struct conf_options *, struct report *,
    struct snapshot **out);

/*
 * Writes the effective configuration, defaults filled in and secrets replaced
 * by their source, as YAML that loads to an equal snapshot.  It is
 * snapshot->effective, which needs no copy.
 */
void conf_print(const struct snapshot *, struct text *out);

/* Writes the reference of all keys and vendors in Markdown: doc/reference/configuration.md. */
void conf_reference(struct text *out);

/* Writes what each pack says, in Markdown: doc/reference/packs.md. */
void conf_packs(struct text *out);

#endif
