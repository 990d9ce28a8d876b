/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIALECT_VENDOR_H
#define DIALECT_VENDOR_H

/*
 * vendor - whose API it is.  A vendor is a row of vendor.tbl; only a dialect
 * is code.
 */

#include "core/slice.h"

/* How a vendor wants to see its key. */
enum auth {
	AUTH_NONE,			/* none unless a key is configured, then bearer */
	AUTH_BEARER,			/* Authorization: Bearer KEY */
	AUTH_API_KEY,			/* api-key: KEY (Azure) */
};

enum quirk {
	QUIRK_NO_STREAM_OPTIONS = 1,	/* refuses stream_options, or sends usage unasked */
	QUIRK_LOCAL             = 2,	/* on one's own machines: private addresses are allowed */
	QUIRK_DEPLOYMENT_PATH   = 4,	/* Azure: /openai/deployments/{id}/… ?api-version=… */
	QUIRK_SIMULATED         = 8,	/* the built-in simulated provider */
	QUIRK_COMPLETION_TOKENS = 16,	/* newer models refuse max_tokens */
};

struct vendor {
	struct slice	name;
	struct slice	alias;		/* another spelling that is understood, or empty */
	struct slice	label;		/* OpenTelemetry gen_ai.provider.name where there is one */
	struct slice	base_url;	/* default; empty: must be configured */
	struct slice	path;		/* of a configured URL that has none, or empty */
	struct slice	key_env;	/* the variable in which its key usually is, or empty */
	uint16_t	port;		/* a local engine's usual port, or 0 */
	enum auth	auth;
	unsigned	quirks;
};

extern const struct vendor vendor_row[];
extern const size_t vendor_count;

/* NULL when there is none. */
const struct vendor *vendor_find(struct slice name);

#endif
