/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prose[] =
    "The harbour opens before sunrise, when the first boats come back with the night's catch and "
    "the buyers walk along the quay with their lists. Please summarise what follows in three "
    "sentences, keep the names of the places, and say what the writer wants to happen next.\\n"
    "A short text needs a short answer; a long one may need headings, and a table where figures "
    "are compared. The report describes how the crane was repaired, which parts were late, and "
    "why the work was worth its price even so.\\n";

static char *
read_whole(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
		fprintf(stderr, "load: cannot read %s\n", path);
		exit(2);
	}
	rewind(f);
	bytes = malloc((size_t)size + 1);
	if (bytes == NULL || fread(bytes, 1, (size_t)size, f) != (size_t)size) {
		fprintf(stderr, "load: cannot read %s\n", path);
		exit(2);
	}
	fclose(f);
	*n = (size_t)size;
	return bytes;
}

/* A body of exactly r->body_bytes: the prose is repeated until it fits. */
static char *
body_generate(const struct request *r)
{
	static const char tail[] = "\"}]}";
	char head[1024], *body, *p, *end;
	size_t n;
	int len;

	len = snprintf(head, sizeof(head),
	    "{\"model\":\"%s\",%s\"max_tokens\":256,\"temperature\":0.7,\"messages\":["
	    "{\"role\":\"system\",\"content\":\"You are a careful assistant. Answer briefly.\"},"
	    "{\"role\":\"user\",\"content\":\"", r->model, r->stream ? "\"stream\":true," : "");
	if (len < 0 || (size_t)len >= sizeof(head) ||
	    (size_t)len + sizeof(tail) - 1 > r->body_bytes) {
		fprintf(stderr, "load: --bytes %zu is too small for the request's frame\n",
		    r->body_bytes);
		exit(2);
	}
	body = malloc(r->body_bytes + 1);
	if (body == NULL)
		abort();
	memcpy(body, head, (size_t)len);
	end = body + r->body_bytes - (sizeof(tail) - 1);
	for (p = body + len; p < end; p += n) {
		n = (size_t)(end - p) < sizeof(prose) - 1 ? (size_t)(end - p) : sizeof(prose) - 1;
		memcpy(p, prose, n);
	}
	/* An escape must not be cut in two: a lone backslash would eat the closing quote. */
	if (end[-1] == '\\')
		end[-1] = '.';
	memcpy(end, tail, sizeof(tail));
	return body;
}

char *
request_encode(const struct request *r, size_t *n)
{
	size_t body_bytes = r->body_bytes, size;
	char *body = NULL, *out;
	FILE *f;
	unsigned i;

	if (r->body_file != NULL)
		body = read_whole(r->body_file, &body_bytes);
	else if (body_bytes != 0)
		body = body_generate(r);
	f = open_memstream(&out, &size);
	if (f == NULL)
		abort();
	fprintf(f, "%s %s HTTP/1.1\r\nHost: %s\r\n", r->method, r->path, r->host);
	for (i = 0; i < r->headers; i++)
		fprintf(f, "%s\r\n", r->header[i]);
	if (body != NULL)
		fprintf(f, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body_bytes);
	fprintf(f, "\r\n");
	if (body != NULL)
		fwrite(body, 1, body_bytes, f);
	fclose(f);
	free(body);
	*n = size;
	return out;
}
