/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

/*
 * request - writes the bytes of the request that the generator sends.
 *
 * The body is a file's, or a generated chat.completions request of exactly so many bytes: a
 * system message and a user message of plain English prose with a line break now and then, as
 * prompts have, and with nothing in it that a detector should find.  The result is one heap
 * block, head and body together, owned by the caller.
 */

#include <stdbool.h>
#include <stddef.h>

enum { REQUEST_HEADERS_MAX = 16 };

struct request {
	const char	*method;
	const char	*path;
	const char	*host;
	const char	*header[REQUEST_HEADERS_MAX];
	unsigned	headers;
	const char	*body_file;	/* NULL: generated */
	const char	*model;
	bool		stream;
	size_t		body_bytes;	/* of a generated body */
};

/* The bytes to send; exits with a message if the body cannot be read or cannot be so small. */
char *request_encode(const struct request *, size_t *n);

#endif
