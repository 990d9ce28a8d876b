/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Addresses of Bitcoin: Base58Check, and Bech32 of BIP 173 and BIP 350.
 */
#include "core/sha256.h"
#include "number/judge.h"
#include "number/part.h"

/* 25 bytes in base 58: version, hash, and four bytes of a digest twice. */
static bool
coin_is_base58(struct slice n)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint8_t bytes[25] = { 0 }, once[SHA256_BYTES], twice[SHA256_BYTES];
	size_t zeros = 0, ones = 0;

	for (size_t i = 0; i < n.len; i++) {
		const char *at = memchr(alphabet, n.ptr[i], 58);
		unsigned carry;

		if (at == NULL)
			return false;
		carry = (unsigned)(at - alphabet);
		for (size_t j = sizeof bytes; j > 0; j--) {
			carry += bytes[j - 1] * 58u;
			bytes[j - 1] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	/* A zero byte in front is one 1. */
	while (ones < n.len && n.ptr[ones] == '1')
		ones++;
	while (zeros < sizeof bytes && bytes[zeros] == 0)
		zeros++;
	if (zeros != ones || (bytes[0] != 0 && bytes[0] != 5))
		return false;
	sha256(slice_of((const char *)bytes, 21), once);
	sha256(slice_of((const char *)once, sizeof once), twice);
	return memcmp(twice, bytes + 21, 4) == 0;
}

static uint32_t
coin_bech32_step(uint32_t check, uint32_t value)
{
	static const uint32_t generator[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3,
	};
	uint32_t top = check >> 25;

	check = (check & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		check ^= top >> i & 1 ? generator[i] : 0;
	return check;
}

/* "bc", 1, version, program in groups of five bits, six of the check. */
static bool
coin_is_bech32(struct slice n)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	uint32_t check = 1, version = 0, last = 0;
	size_t groups, bytes, spare;
	bool upper = false, lower = false;

	if (n.len < 14 || n.len > 90)
		return false;
	for (size_t i = 0; i < n.len; i++) {
		upper |= part_is_upper(n.ptr[i]);
		lower |= n.ptr[i] >= 'a';
	}
	if (upper && lower)
		return false;
	/* The prefix as high bits, a zero, and low bits: b is 3 and 2, c is 3 and 3. */
	for (size_t i = 0; i < 5; i++)
		check = coin_bech32_step(check, (uint32_t)("\3\3\0\2\3"[i]));
	for (size_t i = 3; i < n.len; i++) {
		char c = part_is_upper(n.ptr[i]) ? (char)(n.ptr[i] | 0x20) : n.ptr[i];
		const char *at = memchr(alphabet, c, 32);

		if (at == NULL)
			return false;
		if (i == 3)
			version = (uint32_t)(at - alphabet);
		if (i + 7 == n.len)
			last = (uint32_t)(at - alphabet);
		check = coin_bech32_step(check, (uint32_t)(at - alphabet));
	}
	groups = n.len - 3 - 1 - 6;
	bytes = groups * 5 / 8;
	spare = groups * 5 % 8;
	if (version > 16 || check != (version == 0 ? 1 : 0x2bc830a3) || spare >= 5 ||
	    (last & ((1u << spare) - 1)) != 0)
		return false;
	return version == 0 ? bytes == 20 || bytes == 32 : bytes >= 2 && bytes <= 40;
}

bool
number_is_bitcoin(struct slice n)
{
	if (n.len > 3 && (n.ptr[0] | 0x20) == 'b' && (n.ptr[1] | 0x20) == 'c' && n.ptr[2] == '1')
		return coin_is_bech32(n);
	return n.len >= 26 && n.len <= 35 && coin_is_base58(n);
}
