/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

/*
 * lock - for the little that workers share and that changes.
 *
 * Held for some hundred instructions and never over anything that waits, so a
 * loop that has to wait for one does so for less than a system call.
 */

#include <pthread.h>

#include "core/must.h"

struct lock {
	pthread_mutex_t	mutex;
};

static inline void
lock_init(struct lock *l)
{
	must(pthread_mutex_init(&l->mutex, NULL) == 0);
}

static inline void
lock_release(struct lock *l)
{
	must(pthread_mutex_destroy(&l->mutex) == 0);
}

static inline void
lock_take(struct lock *l)
{
	must(pthread_mutex_lock(&l->mutex) == 0);
}

static inline void
lock_give(struct lock *l)
{
	must(pthread_mutex_unlock(&l->mutex) == 0);
}

#endif
