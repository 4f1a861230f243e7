"""HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, AES-128-GCM, on Python integers: for checking test vectors only."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

P = 2**255 - 19
KEM = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0020, 0x0001, 0x0001))


class Refused(Exception):
    """The ciphertext was not made with this key, this context, or these associated data."""


# X25519, RFC 7748


def x25519(scalar: bytes, u: bytes) -> bytes:
    k = int.from_bytes(scalar, "little") & (1 << 255) - 8 | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for at in reversed(range(255)):
        bit = k >> at & 1
        if swapped ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb = d * a % P, c * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        aa, bb = a * a % P, b * b % P
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_public(scalar: bytes) -> bytes:
    return x25519(scalar, (9).to_bytes(32, "little"))


# HKDF, RFC 5869, with the labels of RFC 9180


def _extract(salt: bytes, label: bytes, key: bytes, suite: bytes) -> bytes:
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + key, hashlib.sha256).digest()


def _expand(secret: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.new(secret, block + labelled + bytes([counter]), hashlib.sha256).digest()
        output += block
        counter += 1
    return output[:length]


# AES-128-GCM, FIPS 197 and SP 800-38D


def _double(value: int) -> int:
    value <<= 1
    return value ^ 0x11B if value & 0x100 else value


def _substitutions() -> list[int]:
    table, inverse = [0x63] * 256, [0] * 256
    exponents, value = [], 1
    for _ in range(255):
        exponents.append(value)
        value ^= _double(value)
    for at, element in enumerate(exponents):
        inverse[element] = exponents[-at % 255]
    for element in range(256):
        b = inverse[element]
        spread = b ^ (b << 1 | b >> 7) ^ (b << 2 | b >> 6) ^ (b << 3 | b >> 5) ^ (b << 4 | b >> 4)
        table[element] = spread & 0xFF ^ 0x63
    return table


S = _substitutions()


def _round_keys(key: bytes) -> list[bytes]:
    words = [key[i : i + 4] for i in range(0, 16, 4)]
    constant = 1
    for at in range(4, 44):
        word = words[-1]
        if at % 4 == 0:
            word = bytes(S[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word, strict=True)))
    return [b"".join(words[i : i + 4]) for i in range(0, 44, 4)]


def _mix(column: bytes) -> bytes:
    everything = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[i] ^ everything ^ _double(column[i] ^ column[(i + 1) % 4]) for i in range(4))


def _encrypt_block(keys: list[bytes], block: bytes) -> bytes:
    state = bytes(a ^ b for a, b in zip(block, keys[0], strict=True))
    for number, key in enumerate(keys[1:], 1):
        state = bytes(S[state[(i + 4 * (i % 4)) % 16]] for i in range(16))
        if number < 10:
            state = b"".join(_mix(state[i : i + 4]) for i in range(0, 16, 4))
        state = bytes(a ^ b for a, b in zip(state, key, strict=True))
    return state


def _ghash(key: int, data: bytes) -> int:
    total = 0
    for at in range(0, len(data), 16):
        x, product, v = total ^ int.from_bytes(data[at : at + 16], "big"), 0, key
        for bit in reversed(range(128)):
            if x >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        total = product
    return total


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def _counter_mode(keys: list[bytes], nonce: bytes, data: bytes) -> bytes:
    stream = b"".join(
        _encrypt_block(keys, nonce + counter.to_bytes(4, "big")) for counter in range(2, 2 + (len(data) + 15) // 16)
    )
    return bytes(a ^ b for a, b in zip(data, stream[: len(data)], strict=True))


def _tag(keys: list[bytes], nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
    hash_key = int.from_bytes(_encrypt_block(keys, bytes(16)), "big")
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    hashed = _ghash(hash_key, _padded(aad) + _padded(ciphertext) + lengths)
    mask = int.from_bytes(_encrypt_block(keys, nonce + (1).to_bytes(4, "big")), "big")
    return (hashed ^ mask).to_bytes(16, "big")


def gcm_seal(key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
    keys = _round_keys(key)
    ciphertext = _counter_mode(keys, nonce, plaintext)
    return ciphertext + _tag(keys, nonce, aad, ciphertext)


def gcm_open(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    keys = _round_keys(key)
    if len(sealed) < 16 or _tag(keys, nonce, aad, sealed[:-16]) != sealed[-16:]:
        raise Refused("the tag does not match")
    return _counter_mode(keys, nonce, sealed[:-16])


# HPKE


@dataclass
class Context:
    """What both ends derive. Each seal or open takes the next nonce."""

    key: bytes
    base_nonce: bytes
    exporter_secret: bytes
    sequence: int = 0

    def _nonce(self) -> bytes:
        nonce = int.from_bytes(self.base_nonce, "big") ^ self.sequence
        self.sequence += 1
        return nonce.to_bytes(12, "big")

    def seal(self, aad: bytes, plaintext: bytes) -> bytes:
        return gcm_seal(self.key, self._nonce(), aad, plaintext)

    def open(self, aad: bytes, ciphertext: bytes) -> bytes:
        return gcm_open(self.key, self._nonce(), aad, ciphertext)

    def export(self, context: bytes, length: int) -> bytes:
        return _expand(self.exporter_secret, b"sec", context, length, SUITE)


def _context(shared: bytes, info: bytes) -> Context:
    schedule = b"\0" + _extract(b"", b"psk_id_hash", b"", SUITE) + _extract(b"", b"info_hash", info, SUITE)
    secret = _extract(shared, b"secret", b"", SUITE)
    return Context(
        _expand(secret, b"key", schedule, 16, SUITE),
        _expand(secret, b"base_nonce", schedule, 12, SUITE),
        _expand(secret, b"exp", schedule, 32, SUITE),
    )


def _shared(agreement: bytes, encapsulation: bytes, receiver: bytes) -> bytes:
    if agreement == bytes(32):
        raise Refused("the key is of small order")
    secret = _extract(b"", b"eae_prk", agreement, KEM)
    return _expand(secret, b"shared_secret", encapsulation + receiver, 32, KEM)


def sender(receiver: bytes, info: bytes, ephemeral: bytes) -> tuple[bytes, Context]:
    """The encapsulation and the context; the ephemeral private key is given, so that vectors are fixed."""
    encapsulation = x25519_public(ephemeral)
    return encapsulation, _context(_shared(x25519(ephemeral, receiver), encapsulation, receiver), info)


def receiver(secret: bytes, info: bytes, encapsulation: bytes) -> Context:
    return _context(_shared(x25519(secret, encapsulation), encapsulation, x25519_public(secret)), info)
