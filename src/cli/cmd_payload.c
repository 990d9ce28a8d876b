/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_payload.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk.h"
#include "crypt/aead.h"
#include "ledger/book.h"
#include "run/file.h"
#include "store/payload.h"

#define USAGE									\
	"usage: trivium payload show --data FOLDER ID\n"			\
	"       trivium payload shred --data FOLDER TENANT\n"			\
	"\n"									\
	"Prompts and answers of workloads with `keep_content`.\n"		\
	"\n"									\
	"  show   one request's, as JSON: request, and the answer as the model gave it\n"	\
	"  shred  removes a tenant's key, so that nothing kept of it can be read again,\n"	\
	"         wherever copies are; the ledger tells who did it.  The gateway must not\n"	\
	"         be running\n"						\
	"\n"									\
	"  --data FOLDER  where the gateway keeps its data\n"			\
	"\n"									\
	"exit status: 0 done; 1 there is nothing of that name; 2 the call is wrong; 65 what\n"	\
	"is kept cannot be read with the folder's key; 66 the folder cannot be used\n"

struct wish {
	const char	*verb, *data, *what;
	bool		 extra, help;
};

static const struct option options[] = {
	{ "data",	required_argument,	NULL, 'd' },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == '?')
			return false;
		if (c == 'd')
			w->data = optarg;
		w->help = w->help || c == 'h';
	}
	if (optind < argc)
		w->verb = argv[optind++];
	if (optind < argc)
		w->what = argv[optind++];
	w->extra = optind < argc;
	return true;
}

static int
unreadable(struct desk *d)
{
	desk_complain(d, (const struct slice[]){ text_slice(&d->why) }, 1);
	return DESK_UNREADABLE;
}

/* The key beside the database; made by the gateway, never here. */
static bool
read_master(struct desk *d, const char *folder, char master[static AEAD_KEY_BYTES])
{
	char *path = file_path(folder, S("vault.key"));
	struct slice kept;
	bool good = false;

	if (path != NULL && file_read(path, AEAD_KEY_BYTES, &kept, desk_why(d)) == ERR_OK) {
		good = kept.len == AEAD_KEY_BYTES;
		if (good)
			memcpy(master, kept.ptr, AEAD_KEY_BYTES);
		else
			text_put(&d->why, S("vault.key is not as long as the key that was made"));
		file_free(kept);
	}
	free(path);
	return good;
}

static int
put_payload(struct desk *d, const char *id, enum err e, const struct payload *p)
{
	const struct slice name = slice_of(id, strlen(id));

	if (e == ERR_OK && p->id.len == 0) {
		desk_complain(d, (const struct slice[]){ S("nothing is kept of the request "),
		    name }, 2);
		return DESK_DIFFERS;
	}
	if (e == ERR_OK && p->text.ptr == NULL) {
		desk_complain(d, (const struct slice[]){ S("what was kept of "), name,
		    S(" was shredded with the key of its tenant") }, 3);
		return DESK_DIFFERS;
	}
	if (e != ERR_OK) {
		desk_complain(d, (const struct slice[]){ S("what is kept of "), name, S(": "),
		    err_info(e)->text }, 4);
		return DESK_DATA;
	}
	(void)fwrite(p->text.ptr, 1, p->text.len, stdout);
	(void)fputc('\n', stdout);
	return DESK_OK;
}

static int
show(struct desk *d, const struct wish *w)
{
	char master[AEAD_KEY_BYTES];
	struct payload p = { 0 };
	struct store *s = NULL;
	enum err e;

	if (!read_master(d, w->data, master) ||
	    store_open(&s, w->data, STORE_READ, desk_why(d)) != ERR_OK)
		return unreadable(d);
	e = payload_get(s, slice_of(master, sizeof master), slice_of(w->what, strlen(w->what)),
	    &d->arena, &p);
	explicit_bzero(master, sizeof master);
	store_close(s);
	return put_payload(d, w->what, e, &p);
}

/*
 * The key first, then the entry that tells of it, which is written when the book is closed; so is
 * the write-ahead log folded into the database, where what was removed is overwritten.
 */
static enum err
shred_all(struct book *b, struct slice tenant, uint64_t *count, struct text *line)
{
	struct store *s = book_store(b);
	enum err e = payload_shred(s, tenant, count);

	text_put(line, S("{\"entry\":\"change\",\"time\":\""));
	text_put_time(line, desk_now() * NANOS_PER_S);
	text_put(line, S("\",\"change\":\"payloads_shredded\",\"by\":\"command\",\"tenant\":"));
	text_put_json(line, tenant);
	text_put(line, S(",\"count\":"));
	text_put_number(line, *count);
	text_put_char(line, '}');
	if (e != ERR_OK)
		return e;
	return book_append(b, &(struct entry){ .line = text_slice(line) });
}

static int
shred(struct desk *d, const struct wish *w)
{
	struct book_plan plan = { .folder = w->data, .head_every = NANOS_NEVER / 2 };
	struct slice tenant = slice_of(w->what, strlen(w->what));
	char *room = arena_bytes(&d->arena, 256 + 6 * tenant.len);
	struct book *b = NULL;
	uint64_t count = 0;
	struct text line;
	enum err e;

	if (!file_is_folder(w->data)) {
		desk_complain(d, (const struct slice[]){ S("there is no folder "),
		    slice_of(w->data, strlen(w->data)) }, 2);
		return DESK_UNREADABLE;
	}
	if (room == NULL || book_open(&b, &plan, desk_why(d)) != ERR_OK)
		return unreadable(d);
	text_init(&line, room, 256 + 6 * tenant.len);
	e = shred_all(b, tenant, &count, &line);
	book_close(b);
	if (e != ERR_OK) {
		desk_complain(d, (const struct slice[]){ S("not shredded: "),
		    err_info(e)->text }, 2);
		return DESK_UNREADABLE;
	}
	printf("shredded what was kept of %s: %llu payloads\n", w->what, (unsigned long long)count);
	return DESK_OK;
}

static int
run(struct desk *d, const struct wish *w)
{
	if (w->verb == NULL || (strcmp(w->verb, "show") != 0 && strcmp(w->verb, "shred") != 0))
		return desk_usage(d, "say what to do: show or shred");
	if (w->data == NULL)
		return desk_usage(d, "say where the data is: --data FOLDER");
	if (w->what == NULL || w->extra)
		return desk_usage(d, strcmp(w->verb, "show") == 0 ?
		    "say of which request: one id" : "say of whom: one tenant");
	return strcmp(w->verb, "show") == 0 ? show(d, w) : shred(d, w);
}

int
cmd_payload(int argc, char **argv)
{
	struct wish wish = { 0 };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "payload"))
		return DESK_WRONG;
	status = good ? run(&desk, &wish) : desk_usage(&desk, NULL);
	desk_close(&desk);
	return status;
}
