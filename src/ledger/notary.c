/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/notary.h"

#include <stdlib.h>

#include "run/file.h"
#include "run/kernel.h"
#include "store/entry.h"

#define KEY_NAME	S("ledger.key")
#define PUBLIC_NAME	S("ledger.pub")
#define NOTE_BYTES	(2 * HEAD_ORIGIN_BYTES_MAX + 512)	/* a name twice, and the rest */

struct paths {
	const char	*folder;
	char		*key, *public;
};

static enum err
complain(struct text *why, const char *path, struct slice what)
{
	text_put(why, slice_of(path, strlen(path)));
	text_put(why, S(": "));
	text_put(why, what);
	return ERR_CONF;
}

/* A signer whose key was lost is not replaced in silence: old heads would look forged. */
static enum err
make_key(struct notary *n, const struct paths *p, struct text *why)
{
	char room[SIGN_PEM_BYTES];
	struct text t;
	enum err e;

	if (file_is_there(p->public))
		return complain(why, p->key, S("the key that signs this ledger's heads is gone; "
		    "put it back, or remove ledger.pub to go on with a new one"));
	text_init(&t, room, sizeof room);
	if (!signer_make(&n->signer) || !signer_put(&t, &n->signer)) {
		text_put(why, S("the library makes no key"));
		return ERR_MEMORY;
	}
	e = file_archive(p->folder, KEY_NAME, text_slice(&t), why);
	explicit_bzero(room, sizeof room);
	return e;
}

static enum err
read_key(struct notary *n, const struct paths *p, struct text *why)
{
	struct slice pem;
	enum err e = file_read(p->key, SIGN_PEM_BYTES * 4, &pem, why);

	if (e != ERR_OK)
		return e;
	if (!signer_read(&n->signer, pem))
		e = complain(why, p->key, S("this is no private key of Ed25519 in PEM"));
	file_free(pem);
	return e;
}

/* What auditors are given must belong to the key. */
static enum err
keep_public(const struct notary *n, const struct paths *p, struct text *why)
{
	char room[SIGN_PEM_BYTES];
	struct slice old;
	struct text t;
	enum err e;

	text_init(&t, room, sizeof room);
	sign_put_public(&t, n->signer.public);
	if (!file_is_there(p->public))
		return file_archive(p->folder, PUBLIC_NAME, text_slice(&t), why);
	if ((e = file_read(p->public, SIGN_PEM_BYTES, &old, why)) != ERR_OK)
		return e;
	if (!slice_eq(old, text_slice(&t)))
		e = complain(why, p->public, S("this is of another key than ledger.key; put that "
		    "one back, or remove ledger.pub to go on with this one"));
	file_free(old);
	return e;
}

static enum err
open_key(struct notary *n, const struct paths *p, struct text *why)
{
	enum err e;

	if (p->key == NULL || p->public == NULL) {
		text_put(why, S("no memory for the ledger's key"));
		return ERR_MEMORY;
	}
	e = file_is_there(p->key) ? read_key(n, p, why) : make_key(n, p, why);
	return e == ERR_OK ? keep_public(n, p, why) : e;
}

static enum err
take_name(struct notary *n, struct slice origin, struct text *why)
{
	struct digester d;

	if (origin.len > 0) {
		must(head_is_name(origin));
		n->origin_len = origin.len;
		memcpy(n->origin, origin.ptr, origin.len);
		return ERR_OK;
	}
	if (!digester_init(&d)) {
		text_put(why, S("the library makes no digests"));
		return ERR_MEMORY;
	}
	head_name(&d, n->signer.public, n->origin);
	n->origin_len = HEAD_NAME_BYTES;
	digester_release(&d);
	return ERR_OK;
}

enum err
notary_open(struct notary *n, const char *folder, struct slice origin, struct text *why)
{
	struct paths p = {
		folder, file_path(folder, KEY_NAME), file_path(folder, PUBLIC_NAME),
	};
	enum err e = open_key(n, &p, why);

	free(p.key);
	free(p.public);
	if (e == ERR_OK)
		e = take_name(n, origin, why);
	if (e != ERR_OK)
		notary_close(n);
	return e;
}

void
notary_close(struct notary *n)
{
	signer_release(&n->signer);
}

enum err
notary_resume(struct notary *n, struct store *s)
{
	struct entry_head last = { 0 };
	bool found = false;
	enum err e = entry_head_last(s, &last, &found);

	n->size = found ? last.size : 0;
	return e;
}

nanos
notary_due(const struct notary *n, uint64_t size)
{
	return size == n->size ? NANOS_NEVER : n->at + n->every;
}

enum err
notary_sign(struct notary *n, struct batch *b)
{
	struct head h = { .state.size = b->tree.size };
	char room[NOTE_BYTES], time[32];
	nanos wall = kernel_wall();
	struct text note, when;

	text_init(&note, room, sizeof room);
	text_init(&when, time, sizeof time);
	text_put_time(&when, wall);
	h.time = text_slice(&when);
	tree_root(&b->tree, &b->digester, h.state.root);
	n->at = kernel_now();
	if (!head_put(&note, &b->digester, &n->signer, slice_of(n->origin, n->origin_len), &h)) {
		n->refused++;
		return ERR_OK;
	}
	/* Should the transaction fail, the next one signs again. */
	n->size = h.state.size;
	return entry_head_put(b->store,
	    &(struct entry_head){ h.state.size, wall, text_slice(&note) });
}
