/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/trust.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/lock.h"

/* Those of this configuration, and of the one before. */
#define ENTRIES		(2 * ISSUER_MAX)

/* How often one who waits looks. */
#define LOOK_EVERY	(5 * NANOS_PER_MS)

struct entry {
	uint64_t	 id;		/* issuer.keys_id; 0: free */
	struct jwks	*set;		/* NULL: none yet */
	uint64_t	 edition;
	nanos		 had;		/* when it was last fetched well */
	nanos		 fresh;		/* until then */
	nanos		 tried;		/* when a fetch last began; 0: never */
	uint64_t	 tries;		/* fetches that ended */
	bool		 fetching, wanted, failing;
	uint64_t	 used;		/* by trust.use */
};

struct trust {
	struct lock		 lock;
	struct entry		 entry[ENTRIES];
	uint64_t		 edition, use;
	struct loop		*loop;		/* of the keeper */
	struct fiber		*keeper;
	struct letter		 letter;
	bool			 posted;
	_Atomic(uint64_t)	 refused[FLAW_COUNT];
	_Atomic(uint64_t)	 verified, fetched, failed;
};

struct trust *
trust_new(void)
{
	struct trust *r = calloc(1, sizeof *r);

	if (r != NULL)
		lock_init(&r->lock);
	return r;
}

void
trust_free(struct trust *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < ENTRIES; i++)
		jwks_unref(r->entry[i].set);
	lock_release(&r->lock);
	free(r);
}

/* Under the lock: the entry of an issuer's keys, made in the place of the oldest. */
static struct entry *
find(struct trust *r, const struct issuer *issuer)
{
	struct entry *oldest = NULL;

	for (unsigned i = 0; i < ENTRIES; i++) {
		struct entry *e = &r->entry[i];

		if (e->id == issuer->keys_id) {
			e->used = ++r->use;
			return e;
		}
		if (!e->fetching && (oldest == NULL || e->used < oldest->used))
			oldest = e;
	}
	/* One configuration has half as many issuers, and each is fetched once at a time. */
	must(oldest != NULL);
	jwks_unref(oldest->set);
	*oldest = (struct entry){ .id = issuer->keys_id, .used = ++r->use };
	return oldest;
}

static bool
is_good(const struct entry *e, const struct issuer *issuer, nanos now)
{
	return e->set != NULL && now < e->had + (nanos)issuer->keep_s * NANOS_PER_S;
}

struct jwks *
trust_keys(struct trust *r, const struct issuer *issuer, nanos now, uint64_t *edition)
{
	struct jwks *set = NULL;
	struct entry *e;

	lock_take(&r->lock);
	e = find(r, issuer);
	if (is_good(e, issuer, now)) {
		set = jwks_ref(e->set);
		*edition = e->edition;
	}
	lock_give(&r->lock);
	return set;
}

uint64_t
trust_edition(struct trust *r, const struct issuer *issuer, nanos now)
{
	uint64_t edition;
	struct entry *e;

	lock_take(&r->lock);
	e = find(r, issuer);
	edition = is_good(e, issuer, now) ? e->edition : 0;
	lock_give(&r->lock);
	return edition;
}

/* ---- asking the keeper ---- */

static struct trust *
trust_of(struct letter *letter)
{
	return (struct trust *)((char *)letter - offsetof(struct trust, letter));
}

/* On the keeper's loop. */
static void
wake(struct letter *letter, struct loop *loop)
{
	struct trust *r = trust_of(letter);
	struct fiber *keeper;

	(void)loop;
	lock_take(&r->lock);
	r->posted = false;
	keeper = r->keeper;
	lock_give(&r->lock);
	if (keeper != NULL)
		fiber_wake(keeper);
}

/* Under the lock: has the last fetch been long enough ago? */
static bool
may_try(const struct entry *e, nanos now)
{
	nanos wait = (e->set == NULL ? JWKS_FIRST_MS : JWKS_RETRY_MS) * NANOS_PER_MS;

	return e->tried == 0 || now >= e->tried + wait;
}

/* Wants a fetch, if there may be one; *tries is how many there were. */
static bool
want(struct trust *r, const struct issuer *issuer, nanos now, uint64_t *tries)
{
	struct loop *loop = NULL;
	struct entry *e;
	bool wanted;

	lock_take(&r->lock);
	e = find(r, issuer);
	*tries = e->tries;
	wanted = r->keeper != NULL && (e->fetching || may_try(e, now));
	if (wanted && !e->fetching) {
		e->wanted = true;
		loop = r->posted ? NULL : r->loop;
		r->posted = true;
	}
	/* Under the lock, so that the keeper's loop is still there. */
	if (loop != NULL) {
		r->letter = (struct letter){ .open = wake };
		loop_post(loop, &r->letter);
	}
	lock_give(&r->lock);
	return wanted;
}

static bool
is_waiting(struct trust *r, const struct issuer *issuer, uint64_t tries)
{
	bool waiting;

	lock_take(&r->lock);
	waiting = r->keeper != NULL && find(r, issuer)->tries == tries;
	lock_give(&r->lock);
	return waiting;
}

bool
trust_await(struct trust *r, struct fiber *f, const struct issuer *issuer, nanos deadline)
{
	struct loop *loop = fiber_loop(f);
	uint64_t tries;

	if (!want(r, issuer, loop->now, &tries))
		return false;
	while (is_waiting(r, issuer, tries) && loop->now < deadline)
		if (fiber_sleep(f, loop->now + LOOK_EVERY) != ERR_OK)
			break;
	return true;
}

/* ---- the keeper ---- */

void
trust_attend(struct trust *r, struct loop *loop, struct fiber *keeper)
{
	lock_take(&r->lock);
	r->loop = loop;
	r->keeper = keeper;
	lock_give(&r->lock);
}

bool
trust_begin(struct trust *r, const struct issuer *issuer, nanos now)
{
	struct entry *e;
	bool due;

	lock_take(&r->lock);
	e = find(r, issuer);
	due = !e->fetching && may_try(e, now) && (e->wanted || e->set == NULL || now >= e->fresh);
	if (due) {
		e->fetching = true;
		e->wanted = false;
		e->tried = now;
	}
	lock_give(&r->lock);
	return due;
}

static nanos
fresh_for(const struct issuer *issuer, const struct fetched *fetched)
{
	uint32_t s = fetched->fresh_s < issuer->refresh_s ? fetched->fresh_s : issuer->refresh_s;

	return (nanos)(s > JWKS_FRESH_S_MIN ? s : JWKS_FRESH_S_MIN) * NANOS_PER_S;
}

/* Under the lock: takes what was fetched.  True if it is another set than before. */
static bool
replace(struct trust *r, struct entry *e, struct jwks *set)
{
	if (e->set != NULL && slice_eq(jwks_text(e->set), jwks_text(set))) {
		jwks_unref(set);
		return false;
	}
	jwks_unref(e->set);
	e->set = set;
	e->edition = ++r->edition;
	return true;
}

bool
trust_end(struct trust *r, const struct issuer *issuer, struct fetched *fetched, nanos now)
{
	struct jwks *set = fetched->set;
	bool news, failing = set == NULL;
	struct entry *e;

	atomic_fetch_add_explicit(failing ? &r->failed : &r->fetched, 1, memory_order_relaxed);
	fetched->set = NULL;
	lock_take(&r->lock);
	e = find(r, issuer);
	news = failing != e->failing;
	e->fetching = false;
	e->failing = failing;
	e->tries++;
	if (!failing) {
		e->had = now;
		e->fresh = now + fresh_for(issuer, fetched);
		news = replace(r, e, set) || news;
	}
	lock_give(&r->lock);
	return news;
}

/* ---- metrics ---- */

void
trust_count_refused(struct trust *r, enum flaw why)
{
	atomic_fetch_add_explicit(&r->refused[why], 1, memory_order_relaxed);
}

void
trust_count_verified(struct trust *r)
{
	atomic_fetch_add_explicit(&r->verified, 1, memory_order_relaxed);
}

#define METRIC(id, name, label, help)						\
	static const struct metric_row row_##id = {				\
		{ name, sizeof name - 1 }, { label, sizeof label - 1 }, { help, sizeof help - 1 } };

struct metric_row {
	struct slice	name, label, help;
};

#include "caller/metric.tbl"
#undef METRIC

static void
put_head(struct text *t, const struct metric_row *m)
{
	text_put(t, S("# HELP "));
	text_put(t, m->name);
	text_put_char(t, ' ');
	text_put(t, m->help);
	text_put(t, S("\n# TYPE "));
	text_put(t, m->name);
	text_put(t, S(" counter\n"));
}

static void
put_value(struct text *t, const struct metric_row *m, struct slice label,
    const _Atomic(uint64_t) *value)
{
	text_put(t, m->name);
	if (m->label.len > 0) {
		text_put_char(t, '{');
		text_put(t, m->label);
		text_put(t, S("=\""));
		text_put(t, label);
		text_put(t, S("\"}"));
	}
	text_put_char(t, ' ');
	text_put_number(t, atomic_load_explicit(value, memory_order_relaxed));
	text_put_char(t, '\n');
}

void
trust_put_metrics(struct trust *r, struct text *t)
{
	put_head(t, &row_refused);
	for (unsigned i = 1; i < FLAW_COUNT; i++)
		put_value(t, &row_refused, flaw_name((enum flaw)i), &r->refused[i]);
	put_head(t, &row_verified);
	put_value(t, &row_verified, S(""), &r->verified);
	put_head(t, &row_fetches);
	put_value(t, &row_fetches, S("ok"), &r->fetched);
	put_value(t, &row_fetches, S("failed"), &r->failed);
}
