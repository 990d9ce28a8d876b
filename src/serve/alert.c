/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/alert.h"

#include <stdlib.h>

#include "core/base64.h"
#include "core/limit.h"
#include "crypt/mac.h"
#include "gate/gate.h"
#include "ledger/book.h"
#include "ledger/ceiling.h"
#include "run/fiber.h"
#include "serve/courier.h"
#include "store/alert.h"

#define TEXT_BYTES	1024
#define WAIT		(10 * NANOS_PER_S)	/* for who takes alerts */
#define LAST_WAIT	NANOS_PER_S		/* the same when the gateway ends */
#define PAUSE_MIN	NANOS_PER_S
#define PAUSE_MAX	(300 * NANOS_PER_S)

struct waiting_alert {
	struct waiting_alert	*next;
	struct ceiling_alert	 is;
};

/* ---- the log ---- */

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
log_alert(struct alert *alert, const struct ceiling_alert *a)
{
	char room[TEXT_BYTES];
	struct text t;

	text_init(&t, room, sizeof room);
	put_alert(&t, a);
	log_event(&alert->gate->log, S("warning"), S("budget_alert"), text_slice(&t));
	alert->gate->metric.alerts++;
}

/* ---- what waits ---- */

/* False where there are too many, or no memory; what the store has the next process sends. */
static bool
add(struct alert_queue *q, const struct ceiling_alert *a)
{
	struct waiting_alert *w = q->count < ALERTS_WAITING_MAX ? malloc(sizeof *w) : NULL;

	if (w == NULL)
		return false;
	*w = (struct waiting_alert){ .is = *a };
	*q->last = w;
	q->last = &w->next;
	q->count++;
	return true;
}

static struct waiting_alert *
take_first(struct alert_queue *q)
{
	struct waiting_alert *w = q->first;

	q->first = w->next;
	if (q->first == NULL)
		q->last = &q->first;
	q->count--;
	return w;
}

/* On another thread, into a queue that nobody else looks at. */
static enum err
read_rest(struct store *s, void *arg)
{
	struct alert_queue *rest = arg;
	struct alert_row row = { .id = 0 };
	bool found = true;
	enum err e = ERR_OK;

	while ((e = alert_next(s, row.id, &row, &found)) == ERR_OK && found) {
		struct ceiling_alert a = {
			.id = row.id,
			.wall = row.wall,
			.account_bytes = row.name.len,
			.period = { row.began, row.ends },
			.spent = row.spent,
			.limit = row.amount,
			.percent = row.percent,
		};

		if (row.name.len > sizeof a.account)
			continue;
		memcpy(a.account, row.name.ptr, row.name.len);
		if (!add(rest, &a))
			break;
	}
	return e;
}

/* What an earlier process raised and could not send. */
static void
take_rest(struct alert *alert, struct fiber *f)
{
	struct alert_queue rest = { .last = &rest.first };

	if (alert->book == NULL)
		return;
	/* What cannot be read now the next process sends. */
	(void)!book_read(alert->book, f, read_rest, &rest);
	while (rest.count > 0) {
		struct waiting_alert *w = take_first(&rest);

		alert->read = w->is.id;
		(void)!add(&alert->waiting, &w->is);
		free(w);
	}
}

static enum err
drop_row(struct store *s, void *arg)
{
	return alert_drop(s, *(const int64_t *)arg);
}

/* If its row stays, the next process sends it again, which who gets it can tell. */
static void
drop_first(struct alert *alert, struct fiber *f)
{
	struct waiting_alert *w = take_first(&alert->waiting);

	alert->gate->metric.alerts_waiting = alert->waiting.count;
	if (alert->book != NULL && w->is.id > 0)
		(void)!book_write(alert->book, f, drop_row, &w->is.id, NULL);
	free(w);
}

/* ---- a message ---- */

static void
put_member(struct text *t, struct slice key, nano_usd amount)
{
	text_put(t, key);
	text_put_usd(t, amount);
	text_put_char(t, '"');
}

static void
put_body(struct text *t, const struct ceiling_alert *a)
{
	text_put(t, S("{\"type\":\"budget.alert\",\"timestamp\":\""));
	text_put_time(t, a->wall);
	text_put(t, S("\",\"data\":{\"account\":"));
	text_put_json(t, slice_of(a->account, a->account_bytes));
	text_put(t, S(",\"percent\":"));
	text_put_number(t, a->percent);
	put_member(t, S(",\"spent_usd\":\""), a->spent);
	put_member(t, S(",\"limit_usd\":\""), a->limit);
	text_put(t, S(",\"period_began\":\""));
	text_put_time(t, a->period.began > 0 ? a->period.began * NANOS_PER_S : 0);
	text_put(t, S("\",\"period_ends\":"));
	text_put(t, a->period.ends == INT64_MAX ? S("null") : S("\""));
	if (a->period.ends != INT64_MAX) {
		text_put_time(t, a->period.ends * NANOS_PER_S);
		text_put_char(t, '"');
	}
	text_put(t, S("}}"));
}

struct message {
	char		body[LANE_NOTE_BYTES], signed_text[LANE_NOTE_BYTES + 128], fields[384];
	struct lane_note note;
};

/* The alert's number and its moment: no other gateway has both. */
static void
put_id(struct text *t, const struct ceiling_alert *a)
{
	text_put(t, S("alert-"));
	text_put_signed(t, a->id);
	text_put_char(t, '-');
	text_put_signed(t, a->wall);
}

/* False if the library refuses. */
static bool
write_message(struct message *m, const struct ceiling_alert *a, const struct secret *key)
{
	int64_t at = kernel_wall() / NANOS_PER_S;
	uint8_t code[MAC_BYTES];
	struct text body, said, fields;
	struct mac mac;

	text_init(&body, m->body, sizeof m->body);
	put_body(&body, a);
	text_init(&said, m->signed_text, sizeof m->signed_text);
	put_id(&said, a);
	text_put_char(&said, '.');
	text_put_signed(&said, at);
	text_put_char(&said, '.');
	text_put(&said, text_slice(&body));
	if (!mac_init(&mac, secret_reveal(key)))
		return false;
	mac_bytes(&mac, text_slice(&said), code);
	mac_release(&mac);
	text_init(&fields, m->fields, sizeof m->fields);
	text_put(&fields, S("webhook-id: "));
	put_id(&fields, a);
	text_put(&fields, S("\r\nwebhook-timestamp: "));
	text_put_signed(&fields, at);
	text_put(&fields, S("\r\nwebhook-signature: v1,"));
	base64_put(&fields, slice_of((const char *)code, sizeof code));
	text_put(&fields, S("\r\n"));
	must(!text_overflowed(&body) && !text_overflowed(&said) && !text_overflowed(&fields));
	m->note = (struct lane_note){
		S("application/json"), text_slice(&fields), text_slice(&body),
	};
	return true;
}

static enum err
send(struct alert *alert, struct fiber *f, const struct alerting *to)
{
	struct message *m = malloc(sizeof *m);
	enum err e = ERR_MEMORY;

	if (m != NULL && write_message(m, &alert->waiting.first->is, &to->key))
		e = courier_bring(f, &alert->gate->pool, &to->at, &m->note, fiber_loop(f)->now +
		    (alert->stopper == NULL ? WAIT : LAST_WAIT));
	free(m);
	return e;
}

/* ---- the rounds ---- */

/*
 * Once when it begins to fail, and once when it does not any more.  Of the URL its host alone:
 * in the path of a webhook there often is what lets one write to it.
 */
static void
tell(struct alert *alert, struct slice host, enum err e)
{
	char room[TEXT_BYTES];
	struct text t;

	*(e == ERR_OK ? &alert->gate->metric.alerts_sent : &alert->gate->metric.alerts_failed) += 1;
	if ((e != ERR_OK) == alert->failing)
		return;
	alert->failing = e != ERR_OK;
	text_init(&t, room, sizeof room);
	text_put(&t, host);
	text_put(&t, S(": "));
	text_put(&t, e == ERR_OK ? S("alerts are taken again") : err_info(e)->name);
	log_event(&alert->gate->log, e == ERR_OK ? S("info") : S("error"),
	    e == ERR_OK ? S("alerts_well") : S("alerts_failed"), text_slice(&t));
}

static bool
is_old(const struct ceiling_alert *a)
{
	return kernel_wall() - a->wall > ALERT_KEEP_S * NANOS_PER_S;
}

static void
give_up(struct alert *alert, struct fiber *f)
{
	char room[TEXT_BYTES];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, S("nobody took this alert for a day: "));
	put_alert(&t, &alert->waiting.first->is);
	log_event(&alert->gate->log, S("error"), S("alert_dropped"), text_slice(&t));
	drop_first(alert, f);
}

/* The first of those that wait, to where the newest configuration says.  False if it stays. */
static bool
send_first(struct alert *alert, struct fiber *f)
{
	struct binding *binding = fleet_hold(&alert->gate->fleet);
	const struct alerting *to = &binding->snapshot->alerting;
	enum err e = ERR_OK;

	if (to->url.len > 0) {
		e = send(alert, f, to);
		tell(alert, to->at.url.authority, e);
	}
	binding_drop(binding);
	if (e == ERR_OK)
		drop_first(alert, f);
	else if (is_old(&alert->waiting.first->is))
		give_up(alert, f);
	else
		return false;
	return true;
}

static void
try_first(struct alert *alert, struct fiber *f)
{
	if (send_first(alert, f)) {
		alert->pause = PAUSE_MIN;
		return;
	}
	alert->next = fiber_loop(f)->now + alert->pause;
	alert->pause = alert->pause * 2 < PAUSE_MAX ? alert->pause * 2 : PAUSE_MAX;
}

static void
sender_main(struct fiber *f, void *arg)
{
	struct alert *alert = arg;

	alert->sender = f;
	while (alert->stopper == NULL) {
		if (alert->waiting.count > 0 && fiber_loop(f)->now >= alert->next)
			try_first(alert, f);
		else
			(void)!fiber_park(f, alert->waiting.count > 0 ? alert->next : NANOS_NEVER);
	}
	while (alert->waiting.count > 0 && send_first(alert, f))
		continue;
	alert->sender = NULL;
	fiber_wake(alert->stopper);
}

static void
wake_sender(struct alert *alert)
{
	alert->gate->metric.alerts_waiting = alert->waiting.count;
	if (alert->waiting.count > 0 && alert->sender != NULL)
		fiber_wake(alert->sender);
}

static void
alert_main(struct fiber *f, void *arg)
{
	struct alert *alert = arg;
	struct ceiling_alert a;

	take_rest(alert, f);
	wake_sender(alert);
	while (ceiling_alert(alert->ceilings, f, &a) == ERR_OK) {
		log_alert(alert, &a);
		/* It may have been read from the store already. */
		if (a.id == 0 || a.id > alert->read)
			(void)!add(&alert->waiting, &a);
		wake_sender(alert);
	}
}

enum err
alert_start(struct alert *alert, struct loop *loop)
{
	enum err e;

	alert->waiting.last = &alert->waiting.first;
	alert->pause = PAUSE_MIN;
	e = fiber_start(loop, "alerts", alert_main, alert);
	return e == ERR_OK ? fiber_start(loop, "webhook", sender_main, alert) : e;
}

void
alert_stop(struct alert *alert, struct fiber *f)
{
	if (alert->sender != NULL) {
		alert->stopper = f;
		fiber_wake(alert->sender);
		while (alert->sender != NULL)
			(void)!fiber_park(f, NANOS_NEVER);
	}
	while (alert->waiting.count > 0)
		free(take_first(&alert->waiting));
}
