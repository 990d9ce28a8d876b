/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_LEDGER_CALL_H
#define DESK_LEDGER_CALL_H

/*
 * ledger_call - what somebody asked of a ledger, in the words of the command.
 *
 * Read by `trivium ledger` and handed to the file that does it; the words borrow
 * from the command's own.  A word that was not said is NULL, a number 0.
 */

#include "desk/desk.h"

#define HEADS_BYTES_MAX	((size_t)256 << 20)	/* of a file of heads */

struct ledger_call {
	struct desk	*desk;
	const char	*data, *key, *head, *proof, *export, *out;
	const char	*from, *to, *format;
	const char	*tenant, *caller, *model, *workload, *err, *id;
	uint64_t	 status, limit, threads;
	const char	*url, *key_file;	/* of a gateway that runs */
	bool		 limited, follow, force, now;
};

#endif
