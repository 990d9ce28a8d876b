/* SPDX-License-Identifier: Apache-2.0 */
/* load - the generator's command line: options in, one run, a report out. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "drive.h"
#include "probe.h"
#include "request.h"

static const char usage[] =
    "usage: load [options] ADDR:PORT [PROGRAM ARG...]\n"
    "  --connections N     keep-alive connections (64)\n"
    "  --duration SECONDS  length of the run (2)\n"
    "  --requests N        end after N requests\n"
    "  --rate R            open loop: R requests a second, latency from the intended time\n"
    "  --path PATH         (/v1/chat/completions)   --method METHOD (POST)\n"
    "  --header 'K: V'     one more header; may be repeated\n"
    "  --body FILE         the body; or generated:\n"
    "  --bytes N           bytes of the generated body (1500; 0: no body)\n"
    "  --model NAME        model in the generated body (json)\n"
    "  --stream            ask for a stream\n"
    "  --events N          each stream must have N events\n"
    "  --variants N        @@@@ in request and headers becomes 0000 to N-1 in turn\n"
    "  --spread MS         connections begin evenly over this time\n"
    "  --hold              each connection asks once and stays; READY is printed; ends with\n"
    "                      the duration or when stdin does\n"
    "  --ramp N            hold: connections opening at a time (64)\n"
    "  --start             run PROGRAM and time it to its first answer with status 200\n"
    "  --calibrate         print what a few system calls cost here\n"
    "  --json              report as one JSON object\n";

struct options {
	struct plan	plan;
	struct request	request;
	bool		start;
	bool		calibrate;
	bool		json;
};

enum {
	OPT_CONNECTIONS, OPT_DURATION, OPT_REQUESTS, OPT_RATE, OPT_PATH, OPT_METHOD, OPT_HEADER,
	OPT_BODY, OPT_BYTES, OPT_MODEL, OPT_STREAM, OPT_EVENTS, OPT_VARIANTS, OPT_SPREAD,
	OPT_HOLD, OPT_RAMP, OPT_START, OPT_CALIBRATE, OPT_JSON,
};

static const struct option option_table[] = {
	{"connections", 1, NULL, OPT_CONNECTIONS}, {"duration", 1, NULL, OPT_DURATION},
	{"requests", 1, NULL, OPT_REQUESTS}, {"rate", 1, NULL, OPT_RATE},
	{"path", 1, NULL, OPT_PATH}, {"method", 1, NULL, OPT_METHOD},
	{"header", 1, NULL, OPT_HEADER}, {"body", 1, NULL, OPT_BODY},
	{"bytes", 1, NULL, OPT_BYTES}, {"model", 1, NULL, OPT_MODEL},
	{"stream", 0, NULL, OPT_STREAM}, {"events", 1, NULL, OPT_EVENTS},
	{"variants", 1, NULL, OPT_VARIANTS}, {"spread", 1, NULL, OPT_SPREAD},
	{"hold", 0, NULL, OPT_HOLD}, {"ramp", 1, NULL, OPT_RAMP},
	{"start", 0, NULL, OPT_START}, {"calibrate", 0, NULL, OPT_CALIBRATE},
	{"json", 0, NULL, OPT_JSON}, {NULL, 0, NULL, 0},
};

static _Noreturn void
usage_exit(void)
{
	fputs(usage, stderr);
	exit(2);
}

static double
number(const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || *end != '\0' || !(v >= 0 && v <= 1e12))
		usage_exit();
	return v;
}

static void
option_request(struct request *r, int opt, const char *arg)
{
	switch (opt) {
	case OPT_PATH: r->path = arg; break;
	case OPT_METHOD: r->method = arg; break;
	case OPT_BODY: r->body_file = arg; break;
	case OPT_BYTES: r->body_bytes = (size_t)number(arg); break;
	case OPT_MODEL: r->model = arg; break;
	case OPT_STREAM: r->stream = true; break;
	case OPT_HEADER:
		if (r->headers == REQUEST_HEADERS_MAX)
			usage_exit();
		r->header[r->headers++] = arg;
		break;
	default: usage_exit();
	}
}

static void
option_take(struct options *o, int opt, const char *arg)
{
	struct plan *p = &o->plan;

	switch (opt) {
	case OPT_CONNECTIONS: p->connections = (unsigned)number(arg); break;
	case OPT_DURATION: p->duration_ns = (uint64_t)(number(arg) * 1e9); break;
	case OPT_REQUESTS: p->requests_max = (uint64_t)number(arg); break;
	case OPT_RATE: p->rate = (uint64_t)number(arg); break;
	case OPT_EVENTS: p->events = (unsigned)number(arg); break;
	case OPT_VARIANTS: p->variants = (unsigned)number(arg); break;
	case OPT_SPREAD: p->spread_ns = (uint64_t)(number(arg) * 1e6); break;
	case OPT_HOLD: p->hold = true; break;
	case OPT_RAMP: p->ramp = (unsigned)number(arg); break;
	case OPT_START: o->start = true; break;
	case OPT_CALIBRATE: o->calibrate = true; break;
	case OPT_JSON: o->json = true; break;
	default: option_request(&o->request, opt, arg);
	}
}

static void
address_parse(struct plan *p, const char *s)
{
	char host[64];
	const char *colon = strrchr(s, ':');

	if (colon == NULL || (size_t)(colon - s) >= sizeof(host))
		usage_exit();
	memcpy(host, s, (size_t)(colon - s));
	host[colon - s] = '\0';
	p->to.sin_family = AF_INET;
	p->to.sin_port = htons((uint16_t)number(colon + 1));
	if (inet_pton(AF_INET, host, &p->to.sin_addr) != 1)
		usage_exit();
}

static void
places_find(struct plan *p)
{
	char *at = p->request;

	while (p->variants != 0 && p->places < VARIANT_PLACES_MAX &&
	    (at = memmem(at, p->request_bytes - (size_t)(at - p->request), "@@@@", 4)) != NULL) {
		p->place[p->places++] = (size_t)(at - p->request);
		at += 4;
	}
}

static void
quantiles_print(const char *name, const struct hist *h, bool json)
{
	static const struct { const char *name; double part; } row[] = {
		{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999},
	};
	unsigned i;

	if (json)
		printf(",\"%s_us\":{\"n\":%llu", name, (unsigned long long)h->n);
	else if (h->n != 0)
		printf("%-8s us ", name);
	else
		return;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		printf(json ? ",\"%s\":%.3f" : " %s %.1f", row[i].name,
		    (double)hist_quantile(h, row[i].part) / 1e3);
	printf(json ? ",\"max\":%.3f}" : " max %.1f\n", (double)h->max / 1e3);
}

static void
report_json(const struct result *r)
{
	double seconds = (double)r->wall_ns / 1e9;
	const char *comma = "";
	unsigned i;

	printf("{\"sent\":%llu,\"ok\":%llu,\"seconds\":%.6f,\"rps\":%.1f,\"status\":{",
	    (unsigned long long)r->sent, (unsigned long long)r->ok, seconds,
	    seconds > 0 ? (double)r->ok / seconds : 0);
	for (i = 0; i < STATUS_MAX; i++) {
		if (r->status[i] == 0)
			continue;
		printf("%s\"%u\":%llu", comma, i, (unsigned long long)r->status[i]);
		comma = ",";
	}
	printf("},\"torn\":%llu,\"miscounted\":%llu,\"broken\":%llu,\"malformed\":%llu",
	    (unsigned long long)r->torn, (unsigned long long)r->miscounted,
	    (unsigned long long)r->broken, (unsigned long long)r->malformed);
	printf(",\"refused\":%llu,\"reconnects\":%llu,\"unanswered\":%llu,\"held\":%u",
	    (unsigned long long)r->refused, (unsigned long long)r->reconnects,
	    (unsigned long long)r->unanswered, r->held);
	printf(",\"events\":%llu,\"bytes\":%llu", (unsigned long long)r->tally.events,
	    (unsigned long long)r->tally.bytes);
	quantiles_print("latency", &r->latency, true);
	quantiles_print("first", &r->first, true);
	quantiles_print("delay", &r->tally.delay, true);
	printf("}\n");
}

static void
report_text(const struct result *r)
{
	double seconds = (double)r->wall_ns / 1e9;
	unsigned i;

	printf("%llu requests, %llu good, in %.2f s: %.0f a second, %llu events, %llu bytes\n",
	    (unsigned long long)r->sent, (unsigned long long)r->ok, seconds,
	    seconds > 0 ? (double)r->ok / seconds : 0, (unsigned long long)r->tally.events,
	    (unsigned long long)r->tally.bytes);
	for (i = 0; i < STATUS_MAX; i++)
		if (r->status[i] != 0 && i != 200)
			printf("status %u: %llu\n", i, (unsigned long long)r->status[i]);
	printf("torn %llu, miscounted %llu, broken %llu, malformed %llu, refused %llu, "
	    "reconnects %llu, unanswered %llu\n",
	    (unsigned long long)r->torn, (unsigned long long)r->miscounted,
	    (unsigned long long)r->broken, (unsigned long long)r->malformed,
	    (unsigned long long)r->refused, (unsigned long long)r->reconnects,
	    (unsigned long long)r->unanswered);
	quantiles_print("latency", &r->latency, false);
	quantiles_print("first", &r->first, false);
	quantiles_print("delay", &r->tally.delay, false);
}

static int
run_start(const struct options *o, char *const argv[])
{
	uint64_t ns;

	if (argv[0] == NULL)
		usage_exit();
	ns = probe_start(&o->plan, argv);
	if (ns == 0) {
		fprintf(stderr, "load: %s gave no answer with status 200\n", argv[0]);
		return 1;
	}
	printf("{\"start_ms\":%.3f}\n", (double)ns / 1e6);
	return 0;
}

static int
run_load(const struct options *o)
{
	struct result *r = calloc(1, sizeof(*r));
	bool good;

	if (r == NULL)
		abort();
	good = drive_run(&o->plan, r);
	if (!good)
		fprintf(stderr, "load: the server cannot be reached\n");
	else if (o->json)
		report_json(r);
	else
		report_text(r);
	free(r);
	return good ? 0 : 1;
}

/* As many descriptors as connections need; a privileged user may raise the hard limit too. */
static void
descriptors_raise(rlim_t want)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur >= want)
		return;
	lim.rlim_cur = want;
	lim.rlim_max = lim.rlim_max < want ? want : lim.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
		fprintf(stderr, "load: cannot raise the number of descriptors to %llu\n",
		    (unsigned long long)want);
}

int
main(int argc, char **argv)
{
	struct options o = {
		.plan = {.connections = 64, .duration_ns = 2000000000, .ramp = 64},
		.request = {.method = "POST", .path = "/v1/chat/completions", .model = "json",
		    .body_bytes = 1500},
	};
	struct calibration c;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "+", option_table, NULL)) != -1)
		option_take(&o, opt, optarg);
	if (o.calibrate) {
		c = probe_calibrate();
		printf("{\"getppid_ns\":%.1f,\"echo_ns\":%.1f}\n", c.getppid_ns, c.echo_ns);
		return 0;
	}
	if (optind >= argc || o.plan.connections == 0 || (!o.start && optind + 1 != argc))
		usage_exit();
	address_parse(&o.plan, argv[optind]);
	o.request.host = argv[optind];
	o.plan.request = request_encode(&o.request, &o.plan.request_bytes);
	places_find(&o.plan);
	descriptors_raise(o.plan.connections + 64);
	prctl(PR_SET_TIMERSLACK, 1ul);	/* the default of 50 us would be added to every wait */
	status = o.start ? run_start(&o, argv + optind + 1) : run_load(&o);
	free(o.plan.request);
	return status;
}
