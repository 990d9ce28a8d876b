/* SPDX-License-Identifier: Apache-2.0 */
#include "run/dns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "run/address.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/loop.h"

#include "check.h"

/*
 * The C library's resolver is replaced by one that knows a few names, counts
 * what it is asked, and takes as long as it is told; its clock by one that can
 * be put forward.
 */
static const struct known {
	const char	*name;
	const char	*address[3];
} zone[] = {
	{ "public.example", { "93.184.216.34", "2606:2800:220:1::1" } },
	{ "mixed.example", { "10.0.0.1", "93.184.216.34", "127.0.0.1" } },
	{ "metadata.example", { "169.254.169.254" } },
	{ "rebind.example", { "127.0.0.1" } },
	{ "private.example", { "192.168.3.4" } },
	{ "2130706433", { "127.0.0.1" } },
	{ "0x7f.1", { "127.0.0.1" } },
};

static _Atomic(int) asked;
static _Atomic(int) nap_ms;
static _Atomic(int) failure;		/* EAI_…; 0: none */
static _Atomic(nanos) ahead;		/* so far is our clock before that of the machine */

int
clock_gettime(clockid_t id, struct timespec *out)
{
	int result = (int)syscall(SYS_clock_gettime, id, out);
	nanos t = (nanos)out->tv_sec * NANOS_PER_S + out->tv_nsec + ahead;

	out->tv_sec = t / NANOS_PER_S;
	out->tv_nsec = t % NANOS_PER_S;
	return result;
}

int
getaddrinfo(const char *restrict host, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	struct timespec nap = { nap_ms / 1000, nap_ms % 1000 * 1000000L };
	struct addrinfo *list = NULL, **tail = &list;

	(void)service;
	asked++;
	nanosleep(&nap, NULL);
	if (failure != 0)
		return failure;
	for (size_t i = 0; i < COUNT_OF(zone); i++)
		for (size_t j = 0; strcmp(zone[i].name, host) == 0 && j < 3 &&
		    zone[i].address[j] != NULL; j++) {
			struct addrinfo *a = calloc(1, sizeof *a + sizeof(struct sockaddr_in6));
			struct sockaddr_in *v4 = (struct sockaddr_in *)(a + 1);
			struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(a + 1);

			a->ai_addr = (struct sockaddr *)(a + 1);
			a->ai_socktype = hints->ai_socktype;
			v4->sin_family = AF_INET;
			if (inet_pton(AF_INET, zone[i].address[j], &v4->sin_addr) != 1) {
				v6->sin6_family = AF_INET6;
				must(inet_pton(AF_INET6, zone[i].address[j], &v6->sin6_addr) == 1);
			}
			*tail = a;
			tail = &a->ai_next;
		}
	*out = list;
	return list != NULL ? 0 : EAI_NONAME;
}

void
freeaddrinfo(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;

		free(list);
		list = next;
	}
}

struct asker {
	struct scene		*scene;
	struct fiber		*fiber;
	struct dns_question	 question;
	struct dns_answer	 answer;
	nanos			 patience;
	enum err		 outcome;
	bool			 over;
};

struct scene {
	struct loop	 loop;
	struct jobs	*jobs;
	struct dns	*dns;
	unsigned	 running;
};

static void
ask(struct fiber *f, void *arg)
{
	struct asker *a = arg;

	a->fiber = f;
	a->outcome = dns_find(f, a->scene->dns, &a->question, &a->answer,
	    a->scene->loop.now + a->patience);
	a->over = true;
	a->scene->running--;
}

static void
scene_open(struct scene *s)
{
	*s = (struct scene){ 0 };
	asked = nap_ms = failure = 0;
	must(jobs_open(&s->jobs, 2) == ERR_OK && loop_open(&s->loop, s->jobs) == ERR_OK &&
	    dns_open(&s->dns) == ERR_OK);
}

static void
scene_close(struct scene *s)
{
	loop_close(&s->loop);
	dns_close(s->dns);
	jobs_close(s->jobs);
}

static void
begin(struct scene *s, struct asker *a, struct slice host)
{
	a->scene = s;
	a->question.host = host;
	a->question.port = 443;
	if (a->question.allow == 0)
		a->question.allow = DNS_PUBLIC;
	if (a->patience == 0)
		a->patience = 5 * NANOS_PER_S;
	s->running++;
	must(fiber_start(&s->loop, "asker", ask, a) == ERR_OK);
}

static void
one_fiber(void *ctx, const struct fiber_sight *sight)
{
	(void)sight;
	++*(unsigned *)ctx;
}

/* Until nobody asks any more and the resolver is done, too. */
static void
settle(struct scene *s)
{
	nanos end = kernel_now() + 10 * NANOS_PER_S;
	unsigned living = 1;

	while (living > 0 && kernel_now() < end) {
		loop_turn(&s->loop, s->loop.now + NANOS_PER_MS);
		living = 0;
		fiber_each(&s->loop, one_fiber, &living);
	}
	if (s->running > 0 || living > 0)
		check_or_stop(false, "everyone is answered");
}

static const struct question_case {
	struct slice	 host;
	unsigned	 allow;
	enum err	 want;
	const char	*first;		/* the first address; how many there are */
	unsigned	 count;
	int		 asks;		/* of the resolver */
	const char	*why;
} questions[] = {
	{ S("93.184.216.34"), DNS_PUBLIC, ERR_OK, "93.184.216.34:443", 1, 0, "a public address" },
	{ S("::1"), DNS_LOOPBACK, ERR_OK, "[::1]:443", 1, 0, "loopback where it is allowed" },
	{ S("127.0.0.1"), DNS_PUBLIC | DNS_PRIVATE, ERR_UPSTREAM_ADDRESS, NULL, 0, 0, "loopback where it is not" },
	{ S("10.1.2.3"), DNS_PUBLIC, ERR_UPSTREAM_ADDRESS, NULL, 0, 0, "a private address where it is not" },
	{ S("10.1.2.3"), DNS_PRIVATE, ERR_OK, "10.1.2.3:443", 1, 0, "a private address where it is" },
	{ S("169.254.169.254"), 7, ERR_UPSTREAM_ADDRESS, NULL, 0, 0, "metadata is allowed nowhere" },
	{ S("::ffff:169.254.169.254"), 7, ERR_UPSTREAM_ADDRESS, NULL, 0, 0, "nor in its mapped form" },
	{ S("0.0.0.0"), 7, ERR_UPSTREAM_ADDRESS, NULL, 0, 0, "nor the unspecified address" },
	{ S("public.example"), DNS_PUBLIC, ERR_OK, "93.184.216.34:443", 2, 1, "a name with two addresses, in order" },
	{ S("public.example"), DNS_PRIVATE, ERR_UPSTREAM_ADDRESS, NULL, 0, 1, "a public name where only private ones are allowed" },
	{ S("mixed.example"), DNS_PUBLIC, ERR_OK, "93.184.216.34:443", 1, 1, "what is not allowed is left out" },
	{ S("mixed.example"), 7, ERR_OK, "10.0.0.1:443", 3, 1, "unless it is allowed" },
	{ S("metadata.example"), 7, ERR_UPSTREAM_ADDRESS, NULL, 0, 1, "a name that leads to metadata" },
	{ S("rebind.example"), DNS_PUBLIC, ERR_UPSTREAM_ADDRESS, NULL, 0, 1, "a name that leads to loopback" },
	{ S("private.example"), DNS_PRIVATE, ERR_OK, "192.168.3.4:443", 1, 1, "a private name" },
	{ S("2130706433"), DNS_PUBLIC, ERR_UPSTREAM_ADDRESS, NULL, 0, 1, "loopback as one number" },
	{ S("0x7f.1"), DNS_PUBLIC, ERR_UPSTREAM_ADDRESS, NULL, 0, 1, "loopback in hexadecimal" },
	{ S("nowhere.example"), 7, ERR_UPSTREAM_NAME, NULL, 0, 1, "a name that nobody knows" },
	{ S(""), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "no name" },
	{ S("a b"), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "a space" },
	{ S("a\0.example"), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "a NUL" },
	{ S("a/b"), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "a slash" },
	{ S("-a"), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "a hyphen first" },
	{ S("fe80::1%eth0"), 7, ERR_UPSTREAM_NAME, NULL, 0, 0, "an address with a scope" },
};

static void
check_questions(void)
{
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		const struct question_case *c = &questions[i];
		struct asker a = { .question.allow = c->allow };
		struct scene s;
		char room[64];
		struct text t;

		scene_open(&s);
		begin(&s, &a, c->host);
		settle(&s);
		check_int(a.outcome, c->want, "%s", c->why);
		check_int(asked, c->asks, "%s: %s", c->asks ? "resolved" : "not resolved", c->why);
		check_int(a.answer.count, c->count, "so many addresses: %s", c->why);
		text_init(&t, room, sizeof room);
		if (a.answer.count > 0) {
			address_put(&t, &a.answer.address[0]);
			check_slice(text_slice(&t), slice_of(c->first, strlen(c->first)),
			    "the first: %s", c->why);
		}
		scene_close(&s);
	}
}

static void
check_shared(void)
{
	struct asker a[20] = { 0 };
	struct scene s;
	bool all = true;

	scene_open(&s);
	nap_ms = 30;
	for (size_t i = 0; i < COUNT_OF(a); i++)
		begin(&s, &a[i], S("public.example"));
	settle(&s);
	for (size_t i = 0; i < COUNT_OF(a); i++)
		all = all && a[i].outcome == ERR_OK && a[i].answer.count == 2;
	check(all, "twenty askers of one name are all answered");
	check_int(asked, 1, "by one question");
	scene_close(&s);
}

static void
check_impatient(void)
{
	struct asker hasty = { .patience = 10 * NANOS_PER_MS }, gone = { 0 }, calm = { 0 };
	struct scene s;

	scene_open(&s);
	nap_ms = 100;
	begin(&s, &hasty, S("public.example"));
	begin(&s, &gone, S("public.example"));
	begin(&s, &calm, S("public.example"));
	loop_turn(&s.loop, s.loop.now);
	fiber_cancel(gone.fiber);
	loop_turn(&s.loop, s.loop.now + NANOS_PER_MS);
	check(gone.over && gone.outcome == ERR_CANCELLED, "a cancelled asker leaves at once");
	while (!hasty.over)
		loop_turn(&s.loop, s.loop.now + NANOS_PER_MS);
	check(!calm.over && hasty.outcome == ERR_DEADLINE, "one whose deadline passed does, too");
	settle(&s);
	check(calm.outcome == ERR_OK && calm.answer.count == 2, "the others are answered");
	check_int(asked, 1, "by the same question");
	scene_close(&s);
}

/* Asks after so much more time. */
static enum err
later(struct scene *s, nanos wait, unsigned *count)
{
	struct asker a = { .patience = 60 * NANOS_PER_S };

	ahead += wait;
	loop_turn(&s->loop, s->loop.now);
	begin(s, &a, S("public.example"));
	settle(s);
	*count = a.answer.count;
	return a.outcome;
}

static void
check_time(void)
{
	static const nanos ttl = DNS_TTL_MS * NANOS_PER_MS;
	static const nanos again = DNS_FAILURE_TTL_MS * NANOS_PER_MS;
	static const nanos stale = DNS_STALE_MS * NANOS_PER_MS;
	struct scene s;
	unsigned count;

	scene_open(&s);
	check(later(&s, 0, &count) == ERR_OK && count == 2 && asked == 1, "a name is resolved");
	check(later(&s, ttl / 2, &count) == ERR_OK && count == 2 && asked == 1, "and remembered");
	check(later(&s, ttl, &count) == ERR_OK && count == 2 && asked == 2, "for a time");

	failure = EAI_AGAIN;
	check(later(&s, ttl, &count) == ERR_OK && count == 2 && asked == 3,
	    "while the resolver is out of order the old addresses count");
	check(later(&s, again / 2, &count) == ERR_OK && asked == 3,
	    "and it is not asked at once again");
	check(later(&s, again, &count) == ERR_OK && asked == 4, "but soon");
	check(later(&s, stale, &count) == ERR_UPSTREAM_NAME && count == 0 && asked == 5,
	    "but not for ever");
	failure = 0;
	check(later(&s, again / 2, &count) == ERR_UPSTREAM_NAME && asked == 5,
	    "a failure is remembered for a moment");
	check(later(&s, again, &count) == ERR_OK && count == 2 && asked == 6,
	    "and then it works again");

	failure = EAI_NONAME;
	check(later(&s, ttl, &count) == ERR_UPSTREAM_NAME && count == 0,
	    "a name that is gone is gone at once");
	scene_close(&s);
}

static void
check_many(void)
{
	static struct asker a[3 * DNS_NAMES_MAX];
	static char name[3 * DNS_NAMES_MAX][24];
	struct scene s;
	bool all = true;

	scene_open(&s);
	for (size_t i = 0; i < COUNT_OF(a); i++) {
		snprintf(name[i], sizeof name[i], "n%zu.example", i);
		begin(&s, &a[i], slice_of(name[i], strlen(name[i])));
		if (i % 64 == 63)
			settle(&s);
	}
	for (size_t i = 0; i < COUNT_OF(a); i++)
		all = all && a[i].over && a[i].outcome == ERR_UPSTREAM_NAME;
	check(all, "more names than are remembered are all answered");
	scene_close(&s);
}

int
main(void)
{
	check_questions();
	check_shared();
	check_impatient();
	check_time();
	check_many();
	return check_done();
}
