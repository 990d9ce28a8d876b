/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_hash.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/limit.h"
#include "desk/lines.h"
#include "desk/safe.h"
#include "detect/listing.h"

#define USAGE									\
	"usage: trivium hash --key env:NAME|file:PATH VALUES|-\n"		\
	"\n"									\
	"Reads values, one a line: numbers of customers, contracts, staff.  Writes a list\n"	\
	"for `values` in `detect.lists.NAME` of a configuration, with their hashes alone.\n"	\
	"The key has 64 hexadecimal digits and must be that of `detect.list_key`.  Letters\n"	\
	"and digits count, in any case; a value has 5 to 64 of them, a digit among them, and\n"	\
	"at most 4 parts with one space or one of -_./: between.\n"		\
	"\n"									\
	"exit status: 0 the list is written; 2 the call or the key is wrong; 65 a line is no\n"	\
	"value, or there are too many; 66 a file cannot be read\n"

#define FLUSH_BYTES	((size_t)1 << 20)

/* What is hashed so far. */
struct hashes {
	uint64_t	*at;
	uint32_t	 count, room;
};

static bool
add(struct hashes *h, uint64_t hash)
{
	uint32_t room = h->room == 0 ? 1024 : 2 * h->room;
	uint64_t *at;

	if (h->count == h->room) {
		if ((at = realloc(h->at, room * sizeof *at)) == NULL)
			return false;
		h->at = at;
		h->room = room;
	}
	h->at[h->count++] = hash;
	return true;
}

static int
by_hash(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void
put_list(struct desk *d, const struct hash_key *key, struct hashes *h)
{
	if (h->count > 0)
		qsort(h->at, h->count, sizeof *h->at, by_hash);
	listing_put_head(&d->out, key);
	for (uint32_t i = 0; i < h->count; i++) {
		if (i > 0 && h->at[i] == h->at[i - 1])
			continue;
		listing_put_value(&d->out, h->at[i]);
		if (d->out.len > FLUSH_BYTES)
			desk_flush(d);
	}
}

/* A value itself is in no complaint. */
static int
hash_lines(struct desk *d, struct lines *l, const struct hash_key *key, struct hashes *h)
{
	struct slice line;

	while (lines_next(l, &line)) {
		struct slice value = slice_trim(line);
		uint64_t hash;
		bool good;

		if (value.len == 0)
			continue;
		good = dictionary_hash(key, value, &hash);
		if (!good)
			lines_complain(l, d, SAY(S("this is no value: it must have 5 to 64 letters "
			    "and digits, a digit among them, in at most 4 parts")));
		else if (h->count == DICTIONARY_VALUES_MAX)
			lines_complain(l, d, SAY(S("a list has at most 2000000 values")));
		else if (add(h, hash))
			continue;
		else
			lines_complain(l, d, SAY(S("there is not enough memory")));
		return DESK_DATA;
	}
	return DESK_OK;
}

static int
hash_file(struct desk *d, const char *path, const char *from)
{
	char secret[AEAD_KEY_BYTES];
	struct hashes hashes = { 0 };
	struct hash_key key;
	struct lines l;
	int status = safe_key(d, from, secret);

	if (status != DESK_OK)
		return status;
	listing_key(secret, &key);
	explicit_bzero(secret, sizeof secret);
	if ((status = lines_open(&l, d, path)) == DESK_OK) {
		status = hash_lines(d, &l, &key, &hashes);
		lines_close(&l);
	}
	if (status == DESK_OK)
		put_list(d, &key, &hashes);
	explicit_bzero(&key, sizeof key);
	free(hashes.at);
	return status;
}

int
cmd_hash(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key",	required_argument,	NULL, 'k' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *key = NULL;
	struct desk desk;
	int c, status;
	bool good = true;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(USAGE, stdout);
			return DESK_OK;
		}
		if (c == 'k')
			key = optarg;
		good &= c != '?';
	}
	if (!desk_open(&desk, "hash"))
		return DESK_WRONG;
	if (!good)
		status = desk_usage(&desk, NULL);
	else if (key == NULL)
		status = desk_usage(&desk, "without a key a list hides nothing: --key env:NAME or "
		    "file:PATH");
	else if (optind + 1 != argc)
		status = desk_usage(&desk, "name one file, or - for standard input");
	else
		status = hash_file(&desk, argv[optind], key);
	desk_close(&desk);
	return status;
}
