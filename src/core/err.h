/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/*
 * err - every way in which the world can be wrong.
 *
 * Functions return an enum err and leave their outputs untouched unless it is
 * ERR_OK.  What a row means for the caller, the next candidate and the breaker
 * stands in err.tbl; code asks err_info() and has no lists of its own.  No text
 * here or anywhere on an error's path contains content of a request.
 */

#include <stdbool.h>

#include "core/slice.h"

#define ERR(name, status, retry, breaker, text)	ERR_##name,
enum err {
#include "core/err.tbl"
	ERR_COUNT
};
#undef ERR

struct err_info {
	struct slice	 name;		/* lower case, as in `code`, records and metrics */
	struct slice	 text;		/* for the caller */
	int		 status;	/* HTTP */
	bool		 retry;		/* another candidate may do better */
	bool		 breaker;	/* counts against the model's health */
};

const struct err_info *err_info(enum err);

#endif
