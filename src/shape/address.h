/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_ADDRESS_H
#define SHAPE_ADDRESS_H

/*
 * address - of mailboxes, of hosts and of machines.
 *
 * Each function looks around the byte that gave it away, adds what is there,
 * and returns the end of it; 0 if nothing is.  None reads more than
 * ADDRESS_BYTES in either direction.
 */

#include "shape/eye.h"

#define ADDRESS_BYTES	256

/* The mailbox around an '@' (RFC 5321, without quoted local parts). */
uint32_t address_mail(struct eye *, uint32_t at);

/* The host, or the URL, in which a dot stands between a letter or digit and a letter. */
uint32_t address_host(struct eye *, uint32_t dot);

/* An address of IPv4 that begins here, with its prefix length if there is one. */
uint32_t address_ip4(struct eye *, uint32_t start);

/* An address of IPv6 (RFC 4291, section 2.2) around this byte. */
uint32_t address_ip6(struct eye *, uint32_t at);

/* Six bytes of hardware in hexadecimal: 00:1a:..., 00-1A-..., 001a.2b3c.4d5e. */
uint32_t address_mac(struct eye *, uint32_t at);

/* Latitude and longitude in decimal degrees, whose first digits begin here. */
uint32_t address_place(struct eye *, uint32_t start);

#endif
