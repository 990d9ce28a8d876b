/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/purse.h"

#include "core/price.h"

void
purse_put(struct text *t, const struct budget *b)
{
	text_put_usd(t, b->limit);
	text_put_char(t, ' ');
	text_put(t, period_name(b->per));
	text_put_char(t, ' ');
	text_put(t, b->zone_name);
	text_put(t, b->alert_count == 0 ? S(" -") : S(""));
	for (uint32_t i = 0; i < b->alert_count; i++) {
		text_put_char(t, i == 0 ? ' ' : ',');
		text_put_number(t, b->alert[i]);
	}
}

/* Up to the next mark, which is taken too. */
static struct slice
take_part(struct slice *rest, struct slice mark)
{
	size_t end = slice_find(*rest, mark);
	struct slice part = slice_cut(*rest, 0, end);

	*rest = slice_cut(*rest, end < rest->len ? end + mark.len : end, rest->len);
	return part;
}

static bool
read_alerts(struct slice list, struct budget *b)
{
	uint64_t percent, before = 0;

	if (slice_eq(list, S("-")))
		return true;
	while (list.len > 0) {
		if (b->alert_count == BUDGET_ALERTS_MAX ||
		    !slice_number(take_part(&list, S(",")), &percent) ||
		    percent <= before || percent > 100)
			return false;
		b->alert[b->alert_count++] = (uint8_t)percent;
		before = percent;
	}
	return b->alert_count > 0;
}

bool
purse_read(struct slice text, struct budget *out)
{
	struct budget b = { 0 };

	if (!price_read_usd(take_part(&text, S(" ")), &b.limit) ||
	    !period_read(take_part(&text, S(" ")), &b.per))
		return false;
	b.zone_name = take_part(&text, S(" "));
	if (b.zone_name.len == 0 || !read_alerts(text, &b))
		return false;
	*out = b;
	return true;
}

void
purse_put_json(struct text *t, const struct budget *b)
{
	text_put(t, S("{\"usd\":\""));
	text_put_usd(t, b->limit);
	text_put(t, S("\",\"per\":"));
	text_put_json(t, period_name(b->per));
	text_put(t, S(",\"time_zone\":"));
	text_put_json(t, b->zone_name);
	text_put(t, S(",\"alerts_percent\":["));
	for (uint32_t i = 0; i < b->alert_count; i++) {
		text_put(t, i > 0 ? S(",") : S(""));
		text_put_number(t, b->alert[i]);
	}
	text_put(t, S("]}"));
}
