/* SPDX-License-Identifier: Apache-2.0 */

/*
 * snapshot - names and keys are found, references are counted, and nothing of
 * a secret is left when the last one goes.
 */

#include "conf/snapshot.h"

#include <fcntl.h>
#include <time.h>

#include "check.h"
#include "conf/load.h"

static const struct hash_key hash_key = { { 3, 5 } };

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static struct snapshot *
load(const char *yaml)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 1 };
	struct snapshot *s = NULL;
	struct report report;
	char room[4096];
	struct text t;

	report_init(&report, S("t"));
	if (conf_load(text_of(yaml), &options, &report, &s) != ERR_OK) {
		text_init(&t, room, sizeof room);
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &t);
		check_show("messages", text_slice(&t));
	}
	report_release(&report);
	check_or_stop(s != NULL, "the configuration loads");
	return s;
}

static const char small[] =
    "levels: [low, mid, high]\n"
    "kinds: {recipes: {level: mid, requires: [baa]}}\n"
    "zones: {z: {kind: edge, operator: self}}\n"
    "models: {a: {vendor: simulated, zone: z}, org/b: {vendor: simulated, zone: z}}\n"
    "groups: {g: [org/b, a], a-b: [a]}\n"
    "keys:\n"
    "  - {id: one, secret: env:SNAPSHOT_ONE, models: [g]}\n"
    "  - {id: two, secret: env:SNAPSHOT_TWO, tenant: t, role: r, models: [org/b]}\n";

static const struct {
	const char	*name;
	int		 model, group;	/* indexes, or -1 */
	const char	*why;
} names[] = {
	{ "a", 0, -1, "a model" },
	{ "org/b", 1, -1, "a model with a slash" },
	{ "g", -1, 0, "a group" },
	{ "a-b", -1, 1, "a group whose name begins like a model's" },
	{ "A", -1, -1, "capitals are another name" },
	{ "org/", -1, -1, "a beginning" },
	{ "", -1, -1, "no name" },
	{ "auto", -1, -1, "auto is neither" },
};

static const struct {
	const char	*secret;
	int		 key;
	const char	*why;
} secrets[] = {
	{ "canary-secret-of-one", 0, "a key" },
	{ "canary-secret-of-two", 1, "another" },
	{ "canary-secret-of-tw", -1, "a beginning of a key" },
	{ "canary-secret-of-two ", -1, "a key and a space" },
	{ "Canary-secret-of-two", -1, "a key with a capital" },
	{ "", -1, "nothing" },
};

static void
lookups(void)
{
	struct snapshot *s = load(small);
	uint32_t n = 99;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct model *m = snapshot_model(s, text_of(names[i].name));
		const struct group *g = snapshot_group(s, text_of(names[i].name));

		check_int(m == NULL ? -1 : m - s->model, names[i].model, "model: %s", names[i].why);
		check_int(g == NULL ? -1 : g - s->group, names[i].group, "group: %s", names[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(secrets); i++) {
		const struct key *k = snapshot_key(s, text_of(secrets[i].secret));

		check_int(k == NULL ? -1 : k - s->key, secrets[i].key, "key: %s", secrets[i].why);
	}
	check(s->group[0].model[0] == &s->model[1] && s->group[0].model[1] == &s->model[0],
	    "a group has its models in its own order");
	check(s->key[0].models[0] == 3 && s->key[1].models[0] == 2,
	    "a group's name in a key stands for its models");
	check(snapshot_level(s, S("mid"), &n) && n == 1, "a level's rank");
	check(!snapshot_level(s, S("hi"), &n) && n == 1, "a level that is none leaves it alone");
	check(snapshot_kind(s, S("recipes"), &n) && n == s->kind_count - 1, "one's own kind");
	check(s->kind_label[n].kinds == UINT64_C(1) << n && s->kind_label[n].level == 1 &&
	    s->kind_label[n].requires == 1, "brings itself, its level and what it requires");
	check(s->kind_label[0].regions == UINT64_MAX, "and may go to every region unless it says "
	    "so");
	snapshot_unref(s);
}

/* What a model of this zone may receive, as the one question is asked. */
static void
clearances(void)
{
	struct snapshot *s = load( "regions: [de, us]\n" "kinds: {local: {regions: [de]}, medical: "
	    "{level: regulated, requires: [baa]}}\n" "zones:\n" "  mine: {kind: edge, operator: "
	    "self, regions: [de], clearance: {level: regulated, kinds: all}}\n" "  somewhere: "
	    "{kind: on_prem, clearance: {level: regulated, kinds: [all, credentials]}}\n"
	    "  silent: {kind: public_api}\n" "models: {m: {vendor: simulated, zone: mine}}\n");
	struct label local = LABEL_PUBLIC, medical = LABEL_PUBLIC, keys = LABEL_PUBLIC;
	struct clearance mine = s->zone[0].clearance, somewhere = s->zone[1].clearance;
	uint32_t n = 0;

	check(label_may_flow(LABEL_PUBLIC, mine) && label_may_flow(LABEL_PUBLIC, somewhere) &&
	    label_may_flow(LABEL_PUBLIC, s->zone[2].clearance), "public content may go anywhere");
	check(snapshot_kind(s, S("local"), &n), "a kind of one region");
	local = label_join(local, s->kind_label[n]);
	check_int(label_flow(local, mine), FLOW_MAY, "may go there");
	check_int(label_flow(local, somewhere), FLOW_REGION,
	    "may not go where the place is not told, whatever else is allowed");
	check(snapshot_kind(s, S("medical"), &n), "a kind that requires an agreement");
	medical = label_join(medical, s->kind_label[n]);
	check_int(label_flow(medical, mine), FLOW_MAY, "nobody needs an agreement with himself");
	check_int(label_flow(medical, somewhere), FLOW_REQUIRES, "but others do");
	check(snapshot_kind(s, S("credentials"), &n), "credentials");
	keys = label_join(keys, s->kind_label[n]);
	check_int(label_flow(keys, mine), FLOW_KIND, "`all` is all but credentials");
	check_int(label_flow(keys, somewhere), FLOW_MAY, "unless they are named");
	check_int(label_flow(medical, s->zone[2].clearance), FLOW_LEVEL,
	    "what is not said is not allowed");
	snapshot_unref(s);
}

/* Nanoseconds of CPU for many lookups of a key that is not there. */
static uint64_t
lookup_time(const struct snapshot *s)
{
	struct timespec a, b;
	uintptr_t found = 0;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	for (uint64_t i = 0; i < 100000; i++) {
		char presented[24] = "unknown-key-0000";

		memcpy(presented + 12, &i, sizeof i);
		found |= (uintptr_t)snapshot_key(s, slice_of(presented, sizeof presented));
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	check(found == 0, "a key that nobody has is not found");
	return (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000 + (uint64_t)(b.tv_nsec - a.tv_nsec);
}

static struct snapshot *
load_keys(unsigned count)
{
	size_t room_bytes = 512 + (size_t)count * 120;
	char *room = malloc(room_bytes), *at = room, *end = room + room_bytes, name[32];
	struct snapshot *s;

	check_or_stop(room != NULL, "memory for %u keys", count);
	at += snprintf(at, (size_t)(end - at), "zones: {z: {kind: edge}}\nmodels: {m: {vendor: "
	    "simulated, zone: z}}\nkeys:\n");
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "SNAPSHOT_%u", i);
		setenv(name, name, 1);
		at += snprintf(at, (size_t)(end - at), "  - {id: k%u, secret: env:%s}\n", i, name);
	}
	s = load(room);
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "SNAPSHOT_%u", i);
		unsetenv(name);
	}
	free(room);
	return s;
}

static void
many_keys(void)
{
	struct snapshot *few = load_keys(50), *many = load_keys(5000);
	uint64_t best_few = UINT64_MAX, best_many = UINT64_MAX, wrong = 0;
	char name[32];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "SNAPSHOT_%u", i);
		const struct key *k = snapshot_key(many, text_of(name));

		wrong += k == NULL || k->index != i;
	}
	check_int((int64_t)wrong, 0, "each of 5,000 keys is found by its secret");
	for (int i = 0; i < 5; i++) {
		uint64_t t = lookup_time(few), u = lookup_time(many);

		best_few = t < best_few ? t : best_few;
		best_many = u < best_many ? u : best_many;
	}
	printf("# %.0f ns with 50 keys, %.0f ns with 5,000\n", (double)best_few / 1e5,
	    (double)best_many / 1e5);
	check(best_many < 3 * best_few, "a hundred times the keys do not cost more");
	snapshot_unref(few);
	snapshot_unref(many);
}

/* ---- wiping ---- */

/* The canary backwards, so that the program's own text does not have it. */
static const char backwards[] = "toor-fo-yranac-sdrawkcab-eht";

static void
canary_write(char out[sizeof backwards])
{
	size_t n = sizeof backwards - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = backwards[n - 1 - i];
	out[n] = '\0';
}

/* How often the canary stands in one range of this process's memory. */
static unsigned
count_in(int mem, uint64_t from, uint64_t to, char *room, size_t room_bytes)
{
	char canary[sizeof backwards];
	unsigned count = 0;

	canary_write(canary);
	for (uint64_t at = from; at < to; at += room_bytes / 2) {
		ssize_t n = pread(mem, room, room_bytes, (off_t)at);
		const char *hit = room;

		while (n > 0 && (hit = memmem(hit, (size_t)(room + n - hit), canary,
		    sizeof canary - 1)) != NULL) {
			count++;
			hit++;
		}
	}
	explicit_bzero(canary, sizeof canary);
	explicit_bzero(room, room_bytes);
	return count;
}

/* How often it stands in memory that can be written, stacks left out: they are reused. */
static unsigned
count_canaries(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	static char room[1 << 20];
	unsigned count = 0;
	char line[512];

	check_or_stop(maps != NULL && mem >= 0, "this process can read its own memory");
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long long from, to;
		char mode[8];

		if (sscanf(line, "%llx-%llx %7s", &from, &to, mode) != 3 || mode[1] != 'w' ||
		    strstr(line, "[stack]") != NULL || to - from > (UINT64_C(1) << 31) ||
		    ((uintptr_t)room >= from && (uintptr_t)room < to))
			continue;
		count += count_in(mem, from, to, room, sizeof room);
	}
	fclose(maps);
	close(mem);
	return count;
}

static void
wiping(void)
{
	char path[] = "/tmp/trivium-snapshot-XXXXXX", canary[sizeof backwards], yaml[512];
	int fd = mkstemp(path);
	struct snapshot *s, *again;

	canary_write(canary);
	check_or_stop(fd >= 0 && write(fd, canary, sizeof canary - 1) == sizeof canary - 1,
	    "a file for a secret");
	close(fd);
	explicit_bzero(canary, sizeof canary);
	snprintf(yaml, sizeof yaml, "zones: {z: {kind: edge}}\nmodels: {m: {vendor: vllm, zone: "
	    "z,\n" "  url: \"http://127.0.0.1:1\", key: \"file:%s\"}}\nkeys: [{id: k, secret: "
	    "\"file:%s\"}]\n", path, path);
	s = load(yaml);
	unlink(path);
	check(count_canaries() > 0, "a loaded secret is in memory, and the search finds it");
	again = snapshot_ref(s);
	snapshot_unref(s);
	check_slice(again->model[0].name, S("m"), "with a reference left, it is all there");
	check(secret_reveal(&again->model[0].key).len == sizeof backwards - 1, "the secret too");
	snapshot_unref(again);
	check_int(count_canaries(), 0, "after the last one nothing of the secret is left");
	snapshot_unref(NULL);
}

int
main(void)
{
	setenv("SNAPSHOT_ONE", "canary-secret-of-one", 1);
	setenv("SNAPSHOT_TWO", "canary-secret-of-two", 1);
	lookups();
	clearances();
	many_keys();
	wiping();
	return check_done();
}
