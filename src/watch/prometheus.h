/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WATCH_PROMETHEUS_H
#define WATCH_PROMETHEUS_H

/*
 * prometheus - metrics in the Prometheus text exposition format 0.0.4.
 */

#include "core/text.h"
#include "watch/metric.h"

/* How many bytes prometheus_put() may need. */
size_t prometheus_bytes(const struct metric *);

void prometheus_put(struct text *, const struct metric *);

#endif
