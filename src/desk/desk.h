/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

/*
 * desk - what the commands about policies have at hand: policies, files, room
 * for what they say.
 *
 * Policies are read detached: no secret, certificate or environment is looked
 * at.  Complaints go to standard error with the command's name; what was asked
 * for is built in `out` and goes to standard output.  Every command ends with
 * one of these statuses.
 */

#include "conf/load.h"
#include "core/arena.h"
#include "study/roster.h"
#include "study/sample.h"

enum {
	DESK_OK,
	DESK_DIFFERS = 1,	/* an expectation, a record or a policy is not the same */
	DESK_WRONG = 2,		/* a wrong call, or a policy with mistakes */
	DESK_DATA = 65,		/* a request or a record that cannot be used */
	DESK_UNREADABLE = 66,
};

struct desk {
	const char		*command;
	bool			 json;
	bool			 colour;	/* standard output is a terminal that wants it */
	struct arena		 arena;		/* for as long as the command runs */
	struct arena		 work;		/* for one thing at a time */
	struct text		 out;
	struct text		 why;		/* what is wrong; desk_why() begins it */
	struct hash_key		 hash_key;
};

/* A policy that was loaded, with its keys by id. */
struct desk_policy {
	const char		*path;
	struct snapshot		*snapshot;
	struct roster		 roster;
};

/* False, with a complaint, if there is no memory. */
must_use bool desk_open(struct desk *, const char *command);
void desk_close(struct desk *);

/* Writes what was built to standard output. */
void desk_flush(struct desk *);

/* Room for one complaint; the one before is gone. */
struct text *desk_why(struct desk *);

/* "trivium COMMAND: …" and a line feed on standard error. */
void desk_complain(const struct desk *, const struct slice *, size_t);

/* Says how the command is called, and gives DESK_WRONG. */
int desk_usage(const struct desk *, const char *why);

/* What a store could not do, with its words if it has some, as a status; the complaint is made. */
int desk_store(const struct desk *, enum err, const struct text *why);

/* A status; where it is not DESK_OK the complaint was made. */
must_use int desk_load(struct desk *, const char *path, struct desk_policy *out);
void desk_unload(struct desk_policy *);

/* The same, with lists of values and their key, for whoever looks at texts. */
must_use int desk_load_lists(struct desk *, const char *path, struct desk_policy *out);

/* The same of HASH.yaml in an archive. */
must_use int desk_load_archived(struct desk *, const char *folder, struct slice hash,
    struct desk_policy *out);

/* A whole file, of which `-` is standard input; file_free() takes it back. */
must_use int desk_read(struct desk *, const char *path, size_t bytes_max, struct slice *out);

/* "FILE:LINE: …" of a place in a text. */
void desk_complain_at(const struct desk *, const char *path, struct slice text, uint32_t offset,
    struct slice why);

/* Seconds since 1970. */
int64_t desk_now(void);

#endif
