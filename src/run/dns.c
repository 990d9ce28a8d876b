/* SPDX-License-Identifier: Apache-2.0 */
#include "run/dns.h"

#include <errno.h>
#include <stdlib.h>

#include "run/address.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/loop.h"

/*
 * A name is a small state machine: asked (a fiber of its own runs the job,
 * askers wait), known until a time, or failed until a time.  The job writes
 * into the fiber's memory, and the fiber moves the outcome here, so that no
 * other thread ever sees a name.  A name lives while it is asked or waited for;
 * others are dropped when there are too many.
 */
#define BUCKETS	64

struct asker {
	struct asker	*next;
	struct fiber	*fiber;
	bool		 told;
};

struct name {
	struct name	*next;		/* in its bucket */
	struct dns	*dns;
	struct asker	*askers;	/* parked, not told yet */
	unsigned	 waiting;	/* fibers in wait(), those that were told included */
	bool		 asked;
	enum err	 failure;	/* of the last job */
	nanos		 until;		/* what is known counts no longer than this */
	nanos		 stale_until;	/* while the resolver is out of order: this long */
	struct address	 address[ADDRESS_MAX];
	unsigned	 count;
	unsigned	 len;
	char		 host[];	/* NUL-terminated */
};

struct dns {
	struct name	*bucket[BUCKETS];
	unsigned	 count;
};

/* One job: what it is asked and what it found. */
struct lookup {
	const char	*host;
	struct address	 address[ADDRESS_MAX];
	int		 result;
};

enum err
dns_open(struct dns **out)
{
	struct dns *dns = calloc(1, sizeof *dns);

	if (dns == NULL)
		return ERR_MEMORY;
	*out = dns;
	return ERR_OK;
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	for (unsigned i = 0; i < BUCKETS; i++)
		while (dns->bucket[i] != NULL) {
			struct name *name = dns->bucket[i];

			must(!name->asked && name->waiting == 0);
			dns->bucket[i] = name->next;
			free(name);
		}
	free(dns);
}

static bool
is_allowed(const struct address *a, unsigned allow)
{
	switch (address_scope(a)) {
	case ADDRESS_PUBLIC:
		return (allow & DNS_PUBLIC) != 0;
	case ADDRESS_PRIVATE:
		return (allow & DNS_PRIVATE) != 0;
	case ADDRESS_LOOPBACK:
		return (allow & DNS_LOOPBACK) != 0;
	case ADDRESS_FORBIDDEN:
		break;
	}
	return false;
}

/* The addresses that the question allows, with its port; ERR_UPSTREAM_ADDRESS without one. */
static enum err
vet(const struct dns_question *q, const struct address *from, unsigned count,
    struct dns_answer *out)
{
	struct dns_answer answer = { .count = 0 };

	for (unsigned i = 0; i < count; i++)
		if (is_allowed(&from[i], q->allow)) {
			answer.address[answer.count] = from[i];
			answer.address[answer.count++].port = q->port;
		}
	if (answer.count == 0)
		return ERR_UPSTREAM_ADDRESS;
	*out = answer;
	return ERR_OK;
}

/* Letters, digits, hyphens, dots and the underscore of real life (RFC 1123, 2.1). */
static bool
is_name(struct slice host)
{
	if (host.len == 0 || host.len > HOST_BYTES_MAX || host.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_'))
			return false;
	}
	return true;
}

static struct name **
bucket_of(struct dns *dns, struct slice host)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < host.len; i++)
		hash = (hash ^ (unsigned char)host.ptr[i]) * 16777619;
	return &dns->bucket[hash % BUCKETS];
}

/* Makes room among the names that nobody is waiting for; the oldest knowledge goes first. */
static void
drop_one(struct dns *dns)
{
	struct name **oldest = NULL, *name;

	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct name **at = &dns->bucket[i]; *at != NULL; at = &(*at)->next)
			if (!(*at)->asked && (*at)->waiting == 0 &&
			    (oldest == NULL || (*at)->until < (*oldest)->until))
				oldest = at;
	if (oldest == NULL)
		return;
	name = *oldest;
	*oldest = name->next;
	free(name);
	dns->count--;
}

static struct name *
name_find(struct dns *dns, struct slice host)
{
	struct name **bucket = bucket_of(dns, host), *name;

	for (name = *bucket; name != NULL; name = name->next)
		if (slice_eq(slice_of(name->host, name->len), host))
			return name;
	if (dns->count >= DNS_NAMES_MAX)
		drop_one(dns);
	name = calloc(1, sizeof *name + host.len + 1);
	if (name == NULL)
		return NULL;
	name->dns = dns;
	name->failure = ERR_UPSTREAM_NAME;
	name->until = name->stale_until = INT64_MIN;
	name->len = (unsigned)host.len;
	memcpy(name->host, host.ptr, host.len);
	name->next = *bucket;
	*bucket = name;
	dns->count++;
	return name;
}

static void
work(void *arg)
{
	struct lookup *lookup = arg;

	lookup->result = kernel_resolve(lookup->host, 0, lookup->address, ADDRESS_MAX);
}

/* What a job found becomes what is known. */
static void
learn(struct name *name, const struct lookup *lookup, enum err e, nanos now)
{
	if (e == ERR_OK && lookup->result > 0) {
		must(lookup->result <= ADDRESS_MAX);
		name->count = (unsigned)lookup->result;
		memcpy(name->address, lookup->address, name->count * sizeof name->address[0]);
		name->until = now + DNS_TTL_MS * NANOS_PER_MS;
		name->stale_until = now + DNS_STALE_MS * NANOS_PER_MS;
		return;
	}
	/* A resolver that is out of order says nothing about the name. */
	if ((e == ERR_OK && lookup->result != -EAGAIN) || now >= name->stale_until)
		name->count = 0;
	name->failure = e == ERR_OK ? ERR_UPSTREAM_NAME : e;
	name->until = now + DNS_FAILURE_TTL_MS * NANOS_PER_MS;
}

static void
ask(struct fiber *f, void *arg)
{
	struct name *name = arg;
	struct lookup lookup = { .host = name->host };
	enum err e = job_run(f, work, &lookup);

	learn(name, &lookup, e, fiber_loop(f)->now);
	name->asked = false;
	while (name->askers != NULL) {
		struct asker *asker = name->askers;

		name->askers = asker->next;
		asker->told = true;
		fiber_wake(asker->fiber);
	}
}

static void
leave(struct name *name, struct asker *asker)
{
	struct asker **at = &name->askers;

	while (*at != asker)
		at = &(*at)->next;
	*at = asker->next;
}

/* Waits for the job of a name, which is started if there is none. */
static enum err
wait(struct fiber *f, struct name *name, nanos deadline)
{
	struct asker asker = { .next = name->askers, .fiber = f };
	enum err e = ERR_OK;

	if (!name->asked) {
		if ((e = fiber_start(fiber_loop(f), "dns", ask, name)) != ERR_OK)
			return e;
		name->asked = true;
	}
	name->askers = &asker;
	name->waiting++;
	while (e == ERR_OK && !asker.told)
		e = fiber_park(f, deadline);
	if (!asker.told)
		leave(name, &asker);
	name->waiting--;
	return asker.told ? ERR_OK : e;
}

enum err
dns_find(struct fiber *f, struct dns *dns, const struct dns_question *q, struct dns_answer *out,
    nanos deadline)
{
	struct address a;
	struct name *name;
	enum err e;

	if (address_read(q->host, q->port, &a))
		return vet(q, &a, 1, out);
	if (!is_name(q->host))
		return ERR_UPSTREAM_NAME;
	name = name_find(dns, q->host);
	if (name == NULL)
		return ERR_MEMORY;
	if (fiber_loop(f)->now >= name->until && (e = wait(f, name, deadline)) != ERR_OK)
		return e;
	/* A job that ended with the wait is never too old, however long it took to be told. */
	if (name->count == 0)
		return name->failure;
	return vet(q, name->address, name->count, out);
}
