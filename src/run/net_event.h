/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_NET_EVENT_H
#define RUN_NET_EVENT_H

/*
 * net_event - the loop tells a sock what happened to it.  Only loop.c
 * includes this.  It marks, wakes and cancels; it runs and frees nothing.
 */

void net_event(void *sock, unsigned ready);

#endif
