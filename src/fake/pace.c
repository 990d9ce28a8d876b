/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/pace.h"

#define SHARES	10000
/* No simulated wait is longer: a day, so that products stay far from 63 bits. */
#define MS_MAX	UINT64_C(86400000)
/* Ratios are in fixed point with 16 bits behind the point. */
#define ONE		(UINT64_C(1) << 16)
#define RATIO_MAX	ONE

nanos
pace_draw(const struct pace *p, uint64_t random)
{
	uint32_t at = (uint32_t)(random % SHARES);
	uint32_t i = 1;

	if (p->count == 0)
		return 0;
	if (p->count == 1 || at <= p->share[0])
		return p->wait[0];
	while (i < p->count - 1 && at > p->share[i])
		i++;
	if (at >= p->share[i])
		return p->wait[i];
	return p->wait[i - 1] + (p->wait[i] - p->wait[i - 1]) / (p->share[i] - p->share[i - 1]) *
	    (at - p->share[i - 1]);
}

struct pace
pace_fixed(nanos wait)
{
	return (struct pace){ .count = 1, .wait = { wait } };
}

static uint64_t
square_root(uint64_t n)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
		uint64_t next = root | bit;

		if (next * next <= n)
			root = next;
	}
	return root;
}

struct pace
pace_lognormal(nanos median, nanos p99)
{
	/*
	 * The share below median * (p99 / median)^(k / 4) is that of the normal
	 * distribution below 2.326 * k / 4, for k from -4 to 5.
	 */
	static const uint32_t share[] = {
		100, 405, 1224, 2805, 5000, 7195, 8776, 9595, 9900, 9982,
	};
	struct pace p = { .count = 10 };
	uint64_t middle = (uint64_t)(median / NANOS_PER_US), most = (uint64_t)(p99 / NANOS_PER_US);
	uint64_t step, up = ONE;

	if (middle == 0)
		return pace_fixed(median);
	if (most < middle)
		most = middle;
	if (most / middle > RATIO_MAX)
		most = middle * RATIO_MAX;
	step = square_root(square_root((most << 16) / middle << 16) << 16);
	for (unsigned i = 0; i < 10; i++)
		p.share[i] = share[i];
	p.wait[4] = median;
	for (unsigned k = 1; k <= 5; k++) {
		up = up * step >> 16;
		p.wait[4 + k] = (nanos)(middle * up >> 16) * NANOS_PER_US;
		if (k <= 4)
			p.wait[4 - k] = (nanos)((middle << 16) / up) * NANOS_PER_US;
	}
	return p;
}

static bool
read_ms(const struct json *j, uint32_t node, nanos *out)
{
	uint64_t ms;

	if (!json_integer(j, node, &ms) || ms > MS_MAX)
		return false;
	*out = (nanos)ms * NANOS_PER_MS;
	return true;
}

/* An array of rising times; at most PACE_POINTS. */
static bool
read_times(const struct json *j, uint32_t node, struct pace *p)
{
	p->count = 0;
	if (json_type(j, node) != JSON_ARRAY || j->node[node].count > PACE_POINTS)
		return false;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		if (!read_ms(j, i, &p->wait[p->count]))
			return false;
		if (p->count > 0 && p->wait[p->count] < p->wait[p->count - 1])
			return false;
		p->count++;
	}
	return p->count >= 2;
}

bool
pace_read(const struct json *j, uint32_t node, struct pace *out)
{
	struct pace p = { 0 };
	uint32_t at;

	if (read_ms(j, node, &p.wait[0])) {
		p.count = 1;
		*out = p;
		return true;
	}
	if (json_type(j, node) != JSON_OBJECT || j->node[node].count != 1)
		return false;
	if ((at = json_member(j, node, S("lognormal"))) != 0) {
		if (!read_times(j, at, &p) || p.count != 2)
			return false;
		*out = pace_lognormal(p.wait[0], p.wait[1]);
		return true;
	}
	if ((at = json_member(j, node, S("uniform"))) != 0) {
		if (!read_times(j, at, &p) || p.count != 2)
			return false;
	} else if ((at = json_member(j, node, S("quantiles"))) == 0 || !read_times(j, at, &p)) {
		return false;
	}
	for (uint32_t i = 0; i < p.count; i++)
		p.share[i] = i * SHARES / (p.count - 1);
	*out = p;
	return true;
}
