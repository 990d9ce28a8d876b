/* SPDX-License-Identifier: Apache-2.0 */

/* ceiling - a configuration at each of its limits loads; one more of anything is told. */

#include "check.h"
#include "conf/load.h"
#include "core/limit.h"

static const struct hash_key hash_key = { { 8, 9 } };

static char room[1 << 22];

#define ZONE	"zones: {z: {kind: edge}}\n"
#define MODEL	"models: {m: {vendor: simulated, zone: z}}\n"

static const struct {
	const char	*head;
	const char	*item;		/* @ is its number */
	const char	*tail;
	unsigned	 max;
	const char	*want;		/* with one more than max */
	const char	*why;
} ceilings[] = {
	{ ZONE "models: {", "m@: {vendor: simulated, zone: z},\n", "}\n", MODEL_MAX,
	  "t:2:9: error: there are more than 1024 models", "models" },
	{ ZONE MODEL "groups: {", "g@: [m],\n", "}\n", GROUP_MAX,
	  "t:3:9: error: there are more than 1024 groups", "groups" },
	{ "models: {m: {vendor: simulated, zone: z0}}\nzones: {", "z@: {kind: edge},\n", "}\n",
	  ZONE_MAX, "t:2:8: error: there are more than 64 zones", "zones" },
	{ ZONE MODEL "levels: [", "l@, ", "]\n", LEVEL_MAX, "t:3:9: error: `levels` takes 1 to 16",
	  "levels" },
	/* Twelve kinds are built in. */
	{ ZONE MODEL "kinds: {", "k@: {},\n", "}\n", KIND_MAX - 12,
	  "error: there are more than 64 kinds", "kinds" },
	/* One leaf is `unspecified`, and one the caller's own. */
	{ ZONE MODEL "regions: [", "r@, ", "]\n", REGION_MAX - 2,
	  "t:3:10: error: there are more than 62 regions", "regions" },
	{ ZONE MODEL "regions: {", "r@: [leaf],\n", "}\n", REGION_NAME_MAX - 2,
	  "error: there are more than 512 names of regions", "names of regions" },
	/* Thirteen properties are built in. */
	{ MODEL "zones: {z: {kind: edge, holds: [", "holding-number-@, ", "]}}\n", PROPERTY_MAX - 13,
	  "error: there are more than 64 agreements and properties", "properties" },
	{ ZONE MODEL "levels: [a]\nregions: {r: [", "x", "]}\n", NAME_BYTES_MAX,
	  "is longer than 128 bytes", "bytes of a name" },
};

static struct slice
build(size_t i, unsigned count)
{
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, slice_of(ceilings[i].head, strlen(ceilings[i].head)));
	for (unsigned n = 0; n < count; n++)
		for (const char *c = ceilings[i].item; *c != '\0'; c++)
			if (*c == '@')
				text_put_number(&t, n);
			else
				text_put_char(&t, *c);
	text_put(&t, slice_of(ceilings[i].tail, strlen(ceilings[i].tail)));
	must(!text_overflowed(&t));
	return text_slice(&t);
}

/* The messages of a configuration; warnings are none here. */
static struct slice
load(struct slice yaml, char *said, size_t bytes)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 1, .detached = true };
	struct snapshot *s = NULL, *again = NULL;
	struct report report;
	struct text t;

	text_init(&t, said, bytes);
	report_init(&report, S("t"));
	if (conf_load(yaml, &options, &report, &s) != ERR_OK)
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &t);
	report_release(&report);
	report_init(&report, S("t"));
	if (s != NULL)
		check(conf_load(s->effective, &options, &report, &again) == ERR_OK &&
		    slice_eq(s->effective, again->effective), "it prints to itself");
	report_release(&report);
	snapshot_unref(again);
	snapshot_unref(s);
	return text_slice(&t);
}

int
main(void)
{
	char said[8192];

	for (size_t i = 0; i < COUNT_OF(ceilings); i++) {
		struct slice got = load(build(i, ceilings[i].max), said, sizeof said);

		check_slice(got, S(""), "%u %s", ceilings[i].max, ceilings[i].why);
		got = load(build(i, ceilings[i].max + 1), said, sizeof said);
		if (!check(slice_find(got, slice_of(ceilings[i].want, strlen(ceilings[i].want))) <
		    got.len, "%u %s", ceilings[i].max + 1, ceilings[i].why))
			check_show("got", got);
	}
	return check_done();
}
