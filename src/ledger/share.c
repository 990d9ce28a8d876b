/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/share.h"

#include "core/date.h"
#include "core/json.h"
#include "core/price.h"

/* ---- packed ---- */

/* The names follow, one behind another. */
struct pack {
	int64_t		figure[SHARE_FIGURES];
	int64_t		hour;
	uint32_t	name_bytes[ROLLUP_NAMES];
};

struct slice
share_pack(struct arena *a, const struct share *s)
{
	struct pack pack = { .hour = s->hour };
	size_t len = sizeof pack, at = sizeof pack;
	char *room;

	memcpy(pack.figure, s->figure, sizeof pack.figure);
	for (int i = 0; i < ROLLUP_NAMES; i++) {
		pack.name_bytes[i] = (uint32_t)s->name[i].len;
		len += pack.name_bytes[i];
	}
	if ((room = arena_bytes(a, len)) == NULL)
		return slice_of(NULL, 0);
	memcpy(room, &pack, sizeof pack);
	for (int i = 0; i < ROLLUP_NAMES; at += pack.name_bytes[i++])
		if (pack.name_bytes[i] > 0)
			memcpy(room + at, s->name[i].ptr, pack.name_bytes[i]);
	return slice_of(room, len);
}

bool
share_unpack(struct slice packed, struct share *out)
{
	size_t at = sizeof(struct pack);
	struct pack pack;

	if (packed.len < sizeof pack)
		return false;
	memcpy(&pack, packed.ptr, sizeof pack);
	memcpy(out->figure, pack.figure, sizeof out->figure);
	out->hour = pack.hour;
	for (int i = 0; i < ROLLUP_NAMES; at += pack.name_bytes[i++]) {
		if (pack.name_bytes[i] > packed.len - at)
			return false;
		out->name[i] = slice_of(packed.ptr + at, pack.name_bytes[i]);
	}
	return at == packed.len && out->hour >= 0;
}

struct slice
share_subject(struct slice packed)
{
	return slice_cut(packed, offsetof(struct pack, hour), packed.len);
}

void
share_figures(struct slice packed, int64_t out[static SHARE_FIGURES])
{
	memcpy(out, packed.ptr + offsetof(struct pack, figure), SHARE_FIGURES * sizeof *out);
}

void
share_judge(struct share *s, bool well, uint64_t status, uint64_t asked)
{
	bool refused = !well && asked == 0 && status >= 400 && status < 500;

	s->figure[FIGURE_requests] = 1;
	s->figure[FIGURE_refused] = refused;
	s->figure[FIGURE_errors] = !well && !refused;
	s->figure[FIGURE_fallbacks] = asked > 1;
}

/* ---- from a line ---- */

struct reading {
	struct arena	*arena;
	struct json	 json;
};

static struct slice
text_of(struct reading *r, uint32_t object, struct slice name)
{
	const struct json *j = &r->json;
	uint32_t node = json_member(j, object, name);

	return node != 0 && json_type(j, node) == JSON_STRING ? json_string(r->arena, j, node)
	    : slice_of(NULL, 0);
}

static int64_t
count_of(const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);
	uint64_t n;

	return node != 0 && json_integer(j, node, &n) ? share_count(n) : 0;
}

static bool
is_true(const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	return node != 0 && json_type(j, node) == JSON_TRUE;
}

/* The hour of a record's time; false if it is none. */
static bool
read_hour(struct slice time, int64_t *hour)
{
	char room[sizeof "YYYY-MM-DDTHH:MM:SSZ" - 1];
	int64_t seconds;

	if (time.len < sizeof room - 1)
		return false;
	/* The fraction is left out. */
	memcpy(room, time.ptr, sizeof room - 1);
	room[sizeof room - 1] = 'Z';
	if (!date_read(slice_of(room, sizeof room), &seconds))
		return false;
	*hour = rollup_begin(ROLLUP_HOUR, seconds);
	return true;
}

static void
read_figures(struct reading *r, struct share *out)
{
	const struct json *j = &r->json;
	uint32_t attempts = json_member(j, 0, S("attempts"));
	uint32_t asked = attempts != 0 && json_type(j, attempts) == JSON_ARRAY
	    ? j->node[attempts].count : 0;
	struct slice cost = text_of(r, 0, S("cost_usd"));
	int64_t *figure = out->figure;

	share_judge(out, slice_eq(text_of(r, 0, S("err")), S("ok")),
	    (uint64_t)count_of(j, S("status")), asked);
	figure[FIGURE_masked] = count_of(j, S("masked")) > 0;
	figure[FIGURE_estimated] = is_true(j, S("usage_estimated"));
	if (cost.ptr == NULL || !price_read_usd(cost, &figure[FIGURE_spend]))
		figure[FIGURE_unpriced] = asked > 0;
	figure[FIGURE_input] = count_of(j, S("input_tokens"));
	figure[FIGURE_output] = count_of(j, S("output_tokens"));
	figure[FIGURE_cached] = count_of(j, S("cached_tokens"));
	figure[FIGURE_duration_us] = count_of(j, S("duration_us"));
}

/* False for what is no record of a request. */
static bool
read_record(struct reading *r, struct share *out)
{
	static const struct slice member[ROLLUP_NAMES] = {
		[ROLLUP_TENANT] = { "tenant", 6 }, [ROLLUP_KEY] = { "caller", 6 },
		[ROLLUP_MODEL] = { "model", 5 }, [ROLLUP_ZONE] = { "zone", 4 },
		[ROLLUP_LABEL] = { "label", 5 },
	};
	const struct json *j = &r->json;
	uint32_t decision;

	if (json_type(j, 0) != JSON_OBJECT || json_member(j, 0, S("id")) == 0 ||
	    json_member(j, 0, S("err")) == 0 || json_member(j, 0, S("tenant")) == 0 ||
	    !read_hour(text_of(r, 0, S("time")), &out->hour))
		return false;
	for (int i = 0; i < ROLLUP_NAMES; i++)
		if (member[i].len > 0)
			out->name[i] = text_of(r, 0, member[i]);
	if ((decision = json_member(j, 0, S("decision"))) != 0)
		out->name[ROLLUP_WORKLOAD] = text_of(r, decision, S("workload"));
	read_figures(r, out);
	return true;
}

enum err
share_read(struct arena *a, struct slice line, struct share *out, bool *counts)
{
	struct reading r = { .arena = a };
	struct share share = { .hour = 0 };
	struct json_fault fault;
	enum err e = json_parse(a, line, JSON_DUPLICATES_KEPT, &r.json, &fault);

	if (e == ERR_MEMORY)
		return e;
	/* What cannot be read as a record counts nothing; that is the ledger's affair. */
	*counts = e == ERR_OK && read_record(&r, &share);
	if (arena_overflowed(a))
		return ERR_MEMORY;
	if (*counts)
		*out = share;
	return ERR_OK;
}
