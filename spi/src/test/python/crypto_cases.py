"""Signatures and sealing: known answers, ordinary ones, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import builders
import ed25519
import hpke
import structures as s
from fixtures import (
    APPROVE_TEXT,
    GREETING,
    INVALID,
    JOB,
    STATEMENT_ENCODED,
    VOUCHER_ENCODED,
    ZEROS,
    Case,
    Fields,
    RefusedCase,
    account,
    patched,
    piece,
    secret,
    signed,
    some,
    text,
)


def seal_cases() -> Iterator[Case]:
    parties = {"job": JOB, "worker": account("worker"), "advert_sha256": some("advert")}
    yield "to the worker", {**parties, "attempt": 0, "direction": 0}
    yield "from the worker", {**parties, "attempt": 2**31 - 1, "direction": 1}


def sealed_frame_cases() -> Iterator[Case]:
    frame = {"key": some("frame key")[:32], "job": JOB, "attempt": 0, "lane": 7, "sequence": 0}
    yield "one piece of text", {**frame, "tokens": 3, "pieces": [piece("text", GREETING)]}
    yield (
        "pieces of everything, a later frame",
        {
            **frame,
            "attempt": 3,
            "lane": 2**31 - 1,
            "sequence": 65_537,
            "tokens": 65_535,
            "pieces": [piece(kind, kind.encode(), choice, 258) for choice, kind in enumerate(s.PART_KINDS)],
        },
    )
    half = s.token_info(7, -0.25, b"\xc3")
    infos = s.token_infos([(half, [half, s.token_info(None, float("-inf"), b"")]), (s.token_info(0, 0.0, b"\xbc"), [])])
    yield (
        "log probabilities before their text",
        {**frame, "sequence": 1, "tokens": 2, "pieces": [piece("logprobs", infos), piece("text", "ü".encode())]},
    )
    yield "tokens without text", {**frame, "sequence": 1, "tokens": 2, "pieces": []}
    yield "the end", {**frame, "sequence": 2, "end": text('{"reasons":["stop"]}')}


RFC_9180_A_1_1: Fields = {
    "receiver_secret": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    "ephemeral_secret": "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "plaintexts": [],
    "exports": [
        {"context": "", "length": 32},
        {"context": "00", "length": 32},
        {"context": text("TestContext"), "length": 32},
    ],
}


def hpke_cases() -> Iterator[Case]:
    yield "RFC 9180, A.1.1: exported values", RFC_9180_A_1_1
    job = {"job": JOB, "worker": account("worker"), "advert_sha256": some("advert"), "attempt": 0, "direction": 1}
    made = builders.seal(job)
    yield (
        "a job's payload, then its resume prefix",
        {
            "receiver_secret": some("session key"),
            "ephemeral_secret": some("ephemeral key"),
            "info": made["info"],
            "plaintexts": [text('{"salt":"…"}'), text("Once upon a time"), ""],
            "exports": [{"context": made["frame_key_context"], "length": 16}],
        },
    )


def hpke_refused() -> Iterator[RefusedCase]:
    _, fields = list(hpke_cases())[1]
    made = builders.hpke_seal(fields)
    good = {
        "receiver_secret": fields["receiver_secret"],
        "info": fields["info"],
        "encapsulation": made["encapsulation"],
        "ciphertext": made["ciphertexts"][0],
    }
    yield "another receiver", INVALID, {**good, "receiver_secret": some("another session key")}
    yield "another info", INVALID, {**good, "info": patched(good["info"], 0, b"D")}
    yield "another encapsulation", INVALID, {**good, "encapsulation": hpke.x25519_public(secret("x")).hex()}
    yield "the second ciphertext first", INVALID, {**good, "ciphertext": made["ciphertexts"][1]}
    yield "a bit of the ciphertext", INVALID, {**good, "ciphertext": patched(good["ciphertext"], 0, b"\0")}
    yield "the tag cut", INVALID, {**good, "ciphertext": good["ciphertext"][:-2]}
    yield "no ciphertext", INVALID, {**good, "ciphertext": ""}
    yield "an encapsulation of small order", INVALID, {**good, "encapsulation": ZEROS}


def ed25519_cases() -> Iterator[Case]:
    known = (
        ("1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", ""),
        ("2", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72"),
        ("3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82"),
    )
    for number, seed, message in known:
        yield f"RFC 8032, 7.1, test {number}", {"seed": seed, "message": message}
    messages = (
        ("a statement", "worker", STATEMENT_ENCODED),
        ("a voucher", "orchestrator", VOUCHER_ENCODED),
        ("a payer's message", "payer", text(APPROVE_TEXT)),
    )
    for name, signer, message in messages:
        yield name, {"seed": some(signer), "message": message}


SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)


def ed25519_refused() -> Iterator[RefusedCase]:
    good = {
        "public_key": account("worker"),
        "message": STATEMENT_ENCODED,
        "signature": signed("worker", STATEMENT_ENCODED),
    }
    raw = bytes.fromhex(good["signature"])
    answer = int.from_bytes(raw[32:], "little")
    yield "another message", INVALID, {**good, "message": patched(STATEMENT_ENCODED, 184, b"\xff")}
    yield "another key", INVALID, {**good, "public_key": account("owner")}
    yield "another signature", INVALID, {**good, "signature": signed("worker", VOUCHER_ENCODED)}
    yield (
        "S plus the group's order",
        INVALID,
        {**good, "signature": (raw[:32] + s.little(answer + ed25519.ORDER, 32)).hex()},
    )
    yield "63 bytes", INVALID, {**good, "signature": good["signature"][:-2]}
    yield "65 bytes", INVALID, {**good, "signature": good["signature"] + "00"}
    yield "zeros", INVALID, {**good, "signature": bytes(64).hex()}
    yield "a key that is no point", INVALID, {**good, "public_key": "02" + "00" * 31}
    for number, key in enumerate(SMALL_ORDER):
        # R = identity, S = 0 satisfies the equation under such a key for one message in eight or for all.
        forged = "01" + "00" * 63
        yield f"key of small order {number}", INVALID, {**good, "public_key": key, "signature": forged}
