/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_FLEET_H
#define GATE_FLEET_H

/*
 * fleet - the models as this worker finds them now: health, load, speed.
 *
 * A ship is the live state of one model, kept by name for the life of the
 * process, so that a reload forgets nothing.  A binding joins a snapshot to the
 * ships of its models; requests hold the binding with which they began, and so
 * the snapshot.  Only the worker's own thread touches any of it, but for the
 * queue of each model, which all workers share.
 */

#include "admit/turn.h"
#include "conf/snapshot.h"
#include "core/breaker.h"
#include "watch/metric.h"

struct ship {
	struct ship		*next;
	struct slice		 name;
	struct breaker		 breaker;
	uint32_t		 in_flight;	/* of this worker */
	struct turn_queue	*queue;		/* of all workers */
	/* Moving average of the time to the first byte; 0: not known */
	nanos			 latency;
	struct metric_model	*metric;
};

struct binding {
	struct snapshot		*snapshot;
	uint32_t		 requests;	/* that hold it, the fleet itself counted once */
	struct ship		*ship[];	/* by model index */
};

struct fleet {
	struct ship		*ships;
	struct binding		*current;
	struct metric		*metric;
	struct turns		*turns;
};

void fleet_init(struct fleet *, struct metric *, struct turns *);
void fleet_release(struct fleet *);

/*
 * Makes a snapshot the current one; takes the caller's reference to it.  ERR_MEMORY leaves the
 * old one.
 */
must_use enum err fleet_bind(struct fleet *, struct snapshot *);

/* The current binding, held until binding_drop(). */
struct binding *fleet_hold(struct fleet *);
void binding_drop(struct binding *);

/* A first byte came after this long. */
void ship_note_latency(struct ship *, nanos);

#endif
