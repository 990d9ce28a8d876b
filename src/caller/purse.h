/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_PURSE_H
#define CALLER_PURSE_H

/*
 * purse - a budget of a stored key, as one name in a grant's list.
 *
 *	100.5 month Europe/Berlin 50,80,100
 *
 * Amount, period, time zone and percents of alerts (none: a hyphen), with a space
 * between them.  The zone stays a name, which the configuration gives a meaning.
 */

#include "budget/budget.h"
#include "core/must.h"
#include "core/text.h"

/* Writes one; nothing is looked at but amount, period, zone_name and alerts. */
void purse_put(struct text *, const struct budget *);

/* Reads one back; the zone's name borrows.  False for what purse_put() did not write. */
must_use bool purse_read(struct slice, struct budget *out);

/* {"usd":"100.5","per":"month",…}, as in a configuration. */
void purse_put_json(struct text *, const struct budget *);

#endif
