# SPDX-License-Identifier: Apache-2.0
"""words - the words of a text and their hashes, as src/find/word.c makes them; for tool/terms and tool/injection."""

import unicodedata

MASK = (1 << 64) - 1
SPECIAL = {"ß": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "Ĳ": "ij", "ĳ": "ij", "Ð": "d", "ð": "d", "Þ": "t",
           "þ": "t", "Ø": "o", "ø": "o", "Đ": "d", "đ": "d", "Ħ": "h", "ħ": "h", "ı": "i", "ĸ": "k", "Ŀ": "l", "ŀ": "l",
           "Ł": "l", "ł": "l", "ŉ": "n", "Ŋ": "n", "ŋ": "n", "Ŧ": "t", "ŧ": "t", "ſ": "s"}


def fold(word):
    out = ""
    for c in word:
        if c in SPECIAL:
            out += SPECIAL[c]
        elif 0xC0 <= ord(c) < 0x180:
            out += unicodedata.normalize("NFD", c)[0].lower()
        elif 0x410 <= ord(c) < 0x430 or c.isascii():
            out += c.lower()
        else:
            out += c
    return out


def word_hash(word):
    data = fold(word).encode()
    data += bytes(-len(data) % 8)
    h = 0x9E3779B97F4A7C15
    for i in range(0, len(data), 8):
        h = (h ^ int.from_bytes(data[i:i + 8], "little")) * 0xFF51AFD7ED558CCD & MASK
        h ^= h >> 32
    return h & 0xFFFFFFFF


def is_ideograph(c):
    return 0x3000 <= ord(c) < 0xA000


def words(phrase):
    """The phrase's words, as find/word.c cuts them."""
    out = []
    for c in phrase:
        if is_ideograph(c):
            out.append(c)
            out.append("")
        elif c.isascii() and not c.isalnum():
            out.append("")
        elif out:
            out[-1] += c
        else:
            out.append(c)
    return [w for w in out if w]
