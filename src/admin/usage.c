/* SPDX-License-Identifier: Apache-2.0 */

/* usage - what was used and spent, from the rollups of the ledger. */

#include "ledger/usage.h"

#include "admin/admin.h"
#include "admin/call.h"
#include "core/limit.h"
#include "gate/gate.h"

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

struct asking {
	struct usage_question	*question;
	struct text		 answer;
};

static enum err
answer(struct store *s, void *arg)
{
	struct asking *a = arg;

	return usage_answer(s, a->question, &a->answer);
}

static void
refuse(struct call *c, struct slice message)
{
	call_refuse(c, &(struct refusal_words){ .status = 400, .code = S("question_wrong"),
	    .message = message });
}

void
usage_show(struct call *c)
{
	struct asking a = { .question = arena_alloc(&c->arena, sizeof *a.question) };
	struct text why = call_text(c, 512);
	enum err e;

	if (a.question == NULL) {
		call_fail(c, ERR_MEMORY);
		return;
	}
	if (!usage_read(a.question, c->query, c->wall / NANOS_PER_S, &why)) {
		refuse(c, text_slice(&why));
		return;
	}
	a.answer = call_text(c, USAGE_ANSWER_BYTES_MAX);
	e = book_read(c->admin->worker[0].gate->book, c->x->fiber, answer, &a);
	if (e != ERR_OK)
		call_fail(c, e);
	else if (text_overflowed(&a.answer))
		refuse(c, S("the answer is too large; ask for less time, or by fewer things"));
	else
		call_reply(c, 200, text_slice(&a.answer));
}
