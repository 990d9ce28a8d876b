/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/alert.h"

#include "ledger/ceiling.h"
#include "run/fiber.h"

#define TEXT_BYTES	1024

static void
put_alert(struct text *t, const struct ceiling_alert *a)
{
	text_put(t, S("the budget `"));
	text_put(t, slice_of(a->account, a->account_bytes));
	text_put(t, S("` has reached "));
	text_put_number(t, a->percent);
	text_put(t, S(" % of $"));
	text_put_usd(t, a->limit);
	text_put(t, S(": $"));
	text_put_usd(t, a->spent);
	text_put(t, S(" are spent"));
	if (a->period.ends != INT64_MAX) {
		text_put(t, S("; it begins anew at "));
		text_put_time(t, a->period.ends * NANOS_PER_S);
	}
}

static void
alert_main(struct fiber *f, void *arg)
{
	struct alert *alert = arg;
	struct ceiling_alert a;

	while (ceiling_alert(alert->ceilings, f, &a) == ERR_OK) {
		char room[TEXT_BYTES];
		struct text t;

		text_init(&t, room, sizeof room);
		put_alert(&t, &a);
		log_event(alert->log, S("warning"), S("budget_alert"), text_slice(&t));
	}
}

enum err
alert_start(struct alert *a, struct loop *loop)
{
	return fiber_start(loop, "alerts", alert_main, a);
}
