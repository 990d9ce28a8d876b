/* SPDX-License-Identifier: Apache-2.0 */
#include "core/breaker.h"

bool
breaker_may_pass(const struct breaker *b, nanos now)
{
	return b->open_until == 0 || (now >= b->open_until && !b->probing);
}

void
breaker_pass(struct breaker *b, nanos now)
{
	if (b->open_until != 0 && now >= b->open_until)
		b->probing = true;
}

void
breaker_note(struct breaker *b, nanos now, bool failed)
{
	bool probe = b->probing;

	b->probing = false;
	if (!failed) {
		*b = (struct breaker){ 0 };
		return;
	}
	if (b->failures < UINT32_MAX)
		b->failures++;
	if (!probe && (b->open_until != 0 || b->failures < BREAKER_FAILURES))
		return;
	b->open_for = b->open_for == 0 ? BREAKER_OPEN : b->open_for * 2;
	if (b->open_for > BREAKER_OPEN_MAX)
		b->open_for = BREAKER_OPEN_MAX;
	b->open_until = now + b->open_for;
}

void
breaker_forget(struct breaker *b)
{
	b->probing = false;
}
