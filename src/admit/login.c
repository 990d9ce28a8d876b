/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/login.h"

#define NETWORK_BYTES	8

static uint64_t
number_of(const struct hash_key *key, const struct address *address)
{
	static const uint8_t v4[12] = { [10] = 0xff, [11] = 0xff };
	bool is_v4 = memcmp(address->ip, v4, sizeof v4) == 0;

	return allowance_number(key, SUBJECT_ADDRESS, slice_of((const char *)address->ip,
	    is_v4 ? sizeof address->ip : NETWORK_BYTES));
}

bool
login_failed(struct rates *rates, const struct hash_key *key, const struct address *address,
    const struct gcra *gcra, nanos *wait)
{
	uint64_t now = rates_ticks(rates, kernel_now());
	struct rate_cell cell;
	struct gcra_answer answer;

	if (rate_enter(rates, number_of(key, address), 0, now, &cell) != RATE_ENTERED)
		return true;
	answer = rate_take(&cell, gcra, DIMENSION_REQUESTS, 1, now);
	rate_leave(&cell);
	if (!answer.conforms)
		*wait = answer.wait / GCRA_TICKS_PER_NS + 1;
	return answer.conforms;
}
