/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/bearer.h"

#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber.h"

#define WAYS	4			/* places for one digest */
#define SETS	(PASSPORTS_MAX / WAYS)

struct seen {
	uint8_t		 digest[DIGEST_BYTES];
	char		 policy[16];	/* snapshot.hash */
	uint64_t	 edition;	/* of the keys that it was verified with */
	int64_t		 expires;
	uint64_t	 used;
	struct passport	*passport;	/* NULL: free; of malloc(), in one block */
};

void
desk_init(struct desk *d, struct trust *trust)
{
	*d = (struct desk){ .trust = trust };
}

void
desk_release(struct desk *d)
{
	if (d->seen == NULL)
		return;
	for (unsigned i = 0; i < PASSPORTS_MAX; i++)
		free(d->seen[i].passport);
	free(d->seen);
	digester_release(&d->digester);
	d->seen = NULL;
}

bool
bearer_is_token(struct slice presented)
{
	return presented.len > 0 && memchr(presented.ptr, '.', presented.len) != NULL;
}

/* ---- what was seen ---- */

static bool
open_desk(struct desk *d)
{
	if (d->seen != NULL)
		return true;
	if (!digester_init(&d->digester))
		return false;
	d->seen = calloc(PASSPORTS_MAX, sizeof *d->seen);
	if (d->seen == NULL)
		digester_release(&d->digester);
	return d->seen != NULL;
}

/* The places of a digest.  Nobody chooses which those are: it is of a whole token. */
static struct seen *
set_of(struct desk *d, const uint8_t digest[static DIGEST_BYTES])
{
	uint64_t word;

	memcpy(&word, digest, sizeof word);
	return d->seen + word % SETS * WAYS;
}

static void
forget(struct seen *s)
{
	free(s->passport);
	*s = (struct seen){ .passport = NULL };
}

/* The place of a token that still holds, or NULL. */
static struct seen *
recall(struct desk *d, const struct bearer_ask *ask, const uint8_t digest[static DIGEST_BYTES])
{
	struct seen *set = set_of(d, digest);
	const struct issuer *issuer;

	for (unsigned i = 0; i < WAYS; i++) {
		struct seen *s = &set[i];

		if (s->passport == NULL || !digest_same(s->digest, digest))
			continue;
		issuer = snapshot_issuer(ask->snapshot, s->passport->iss);
		if (issuer != NULL && ask->wall < s->expires &&
		    memcmp(s->policy, ask->snapshot->hash, sizeof s->policy) == 0 &&
		    trust_edition(d->trust, issuer, fiber_loop(ask->fiber)->now) == s->edition) {
			s->used = ++d->use;
			return s;
		}
		forget(s);
	}
	return NULL;
}

/* A free place, or one whose token is over, or the one that was not seen for longest. */
static struct seen *
make_room(struct desk *d, const uint8_t digest[static DIGEST_BYTES], int64_t wall)
{
	struct seen *set = set_of(d, digest), *best = set;

	for (unsigned i = 0; i < WAYS && best->passport != NULL; i++)
		if (set[i].passport == NULL || set[i].expires <= wall || set[i].used < best->used)
			best = &set[i];
	forget(best);
	return best;
}

/* A token that was not seen before. */
struct showing {
	struct desk			*desk;
	const struct bearer_ask		*ask;
	const struct issuer		*issuer;
	struct jwt			 jwt;
	struct passport			 passport;
	int64_t				 expires;
	uint64_t			 edition;	/* of the keys that it is verified with */
};

static void
remember(const struct showing *show, const uint8_t digest[static DIGEST_BYTES])
{
	size_t bytes = passport_bytes(&show->passport);
	char *room = bytes <= PASSPORT_BYTES_MAX ? malloc(bytes) : NULL;
	struct seen *s;

	if (room == NULL)
		return;
	s = make_room(show->desk, digest, show->ask->wall);
	memcpy(s->digest, digest, sizeof s->digest);
	memcpy(s->policy, show->ask->snapshot->hash, sizeof s->policy);
	s->edition = show->edition;
	s->expires = show->expires;
	s->used = ++show->desk->use;
	s->passport = passport_copy(&show->passport, room);
}

/* ---- what is seen for the first time ---- */

/* Asks for keys that are not known yet; false if there is no use in asking again. */
static bool
await(const struct showing *show)
{
	return trust_await(show->desk->trust, show->ask->fiber, show->issuer,
	    show->ask->deadline);
}

/* The keys of its issuer, or NULL. */
static struct jwks *
get_keys(struct showing *show)
{
	return trust_keys(show->desk->trust, show->issuer, fiber_loop(show->ask->fiber)->now,
	    &show->edition);
}

/* Its issuer may have a key that is newer than what is known: that is asked for once. */
static enum err
verify(struct showing *show, enum flaw *flaw)
{
	struct jwks *keys = get_keys(show);

	if (keys == NULL) {
		(void)await(show);
		if ((keys = get_keys(show)) == NULL)
			return ERR_ISSUER_DOWN;
	}
	*flaw = jwt_verify(&show->jwt, keys, show->issuer->algorithms);
	jwks_unref(keys);
	if (*flaw != FLAW_kid_unknown || !await(show))
		return ERR_OK;
	if ((keys = get_keys(show)) == NULL)
		return ERR_ISSUER_DOWN;
	*flaw = jwt_verify(&show->jwt, keys, show->issuer->algorithms);
	jwks_unref(keys);
	return ERR_OK;
}

static enum flaw
check_claims(struct showing *show)
{
	const struct bearer_ask *ask = show->ask;
	const struct jwt_terms terms = {
		.audience = show->issuer->audience,
		.audience_count = show->issuer->audience_count,
		.now = ask->wall,
		.leeway = show->issuer->leeway_s,
	};
	enum flaw r = jwt_check(ask->arena, &show->jwt, &terms, &show->expires);

	return r != FLAW_none ? r : passport_read(ask->arena, ask->snapshot, show->issuer,
	    &show->jwt, &show->passport);
}

static enum err
check(struct showing *show, enum flaw *flaw)
{
	enum err e;

	*flaw = jwt_read(show->ask->arena, show->ask->token, &show->jwt);
	if (*flaw != FLAW_none)
		return ERR_OK;
	show->issuer = snapshot_issuer(show->ask->snapshot, show->jwt.issuer);
	if (show->issuer == NULL) {
		*flaw = FLAW_issuer_unknown;
		return ERR_OK;
	}
	e = verify(show, flaw);
	if (e != ERR_OK || *flaw != FLAW_none)
		return e;
	trust_count_verified(show->desk->trust);
	*flaw = check_claims(show);
	return ERR_OK;
}

static enum err
bind(const struct bearer_ask *ask, struct bearer *out)
{
	struct key *key = arena_alloc(ask->arena, sizeof *key);

	if (key == NULL)
		return ERR_MEMORY;
	out->flaw = passport_bind(ask->arena, ask->snapshot, out->passport, key);
	out->key = key;
	return ERR_OK;
}

/* The passport of a token, of this time or an earlier one; it lasts until the next suspension. */
static enum err
get_passport(struct showing *show, struct bearer *out)
{
	struct desk *d = show->desk;
	struct slice token = show->ask->token;
	uint8_t digest[DIGEST_BYTES];
	struct seen *seen;
	enum err e;

	/* What is too long is not even digested. */
	if (token.len > JWT_BYTES_MAX)
		return check(show, &out->flaw);
	digest_bytes(&d->digester, token, digest);
	if ((seen = recall(d, show->ask, digest)) != NULL) {
		out->passport = seen->passport;
		return ERR_OK;
	}
	if ((e = check(show, &out->flaw)) != ERR_OK || out->flaw != FLAW_none)
		return e;
	remember(show, digest);
	out->passport = &show->passport;
	return ERR_OK;
}

static enum err
find(struct desk *d, const struct bearer_ask *ask, struct bearer *out)
{
	struct showing show = { .desk = d, .ask = ask };
	enum err e = get_passport(&show, out);
	char *room;

	if (e != ERR_OK || out->flaw != FLAW_none)
		return e;
	/* Its place may be another's before the request is over. */
	room = arena_alloc(ask->arena, passport_bytes(out->passport));
	if (room == NULL)
		return ERR_MEMORY;
	out->passport = passport_copy(out->passport, room);
	return bind(ask, out);
}

enum err
bearer_find(struct desk *d, const struct bearer_ask *ask, struct bearer *out)
{
	enum err e;

	*out = (struct bearer){ .flaw = FLAW_none };
	if (!open_desk(d))
		return ERR_MEMORY;
	e = find(d, ask, out);
	if (arena_overflowed(ask->arena))
		return ERR_MEMORY;
	if (e != ERR_OK || out->flaw == FLAW_none)
		return e;
	trust_count_refused(d->trust, out->flaw);
	return ERR_TOKEN_REFUSED;
}
