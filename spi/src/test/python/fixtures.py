"""Parties, bytes and structures that the vectors are made of, all fixed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import builders
import ed25519
import structures as s

Fields = dict[str, Any]
Case = tuple[str, Fields]
RefusedCase = tuple[str, str, Fields]

INVALID = "INVALID_REQUEST"


def secret(name: str) -> bytes:
    """A fixed secret: the seed of the party of that name."""
    return s.sha256(b"decentral test vectors: ", name.encode("ascii"))


def account(name: str) -> str:
    return ed25519.public_key(secret(name)).hex()


def some(name: str) -> str:
    """32 fixed bytes that look random."""
    return secret(name).hex()


def signed(name: str, message: str) -> str:
    return ed25519.sign(secret(name), bytes.fromhex(message)).hex()


def text(value: str) -> str:
    return value.encode("utf-8").hex()


def patched(encoded: str, offset: int, data: bytes) -> str:
    raw = bytes.fromhex(encoded)
    return (raw[:offset] + data + raw[offset + len(data) :]).hex()


LEDGER = builders.ledger_id({"operator": account("operator"), "random": some("ledger")})["id"]
ZEROS = bytes(32).hex()
ONES = "ff" * 32

TERMS: Fields = {
    "ledger": LEDGER,
    "payer": account("payer"),
    "orchestrator": account("orchestrator"),
    "lock_signer": account("spender"),
    "nonce": some("nonce"),
    "request_commitment": some("commitment"),
    "input_cap": 1234,
    "output_cap": 512,
    "input_price": "150000",
    "output_price": "600000",
    "timeout_seconds": 120,
    "valid_until": "1767225600",
    "proof_scheme": 1,
}
TERMS_ENCODED = builders.terms(TERMS)["encoded"]
JOB = s.sha256(bytes.fromhex(TERMS_ENCODED)).hex()

VOUCHER: Fields = {
    "job": JOB,
    "worker": account("worker"),
    "attempt": 1,
    "output_tokens": 64,
    "price": "224",
}
VOUCHER_ENCODED = builders.voucher(VOUCHER)["encoded"]

STATEMENT: Fields = {
    "job": JOB,
    "worker": account("worker"),
    "request_commitment": some("commitment"),
    "model_digest": some("model"),
    "output_digest": some("output"),
    "input_tokens": 1000,
    "output_tokens": 500,
    "price": "450",
    "finish_reason": "stop",
    "attempt": 0,
}
STATEMENT_ENCODED = builders.statement(STATEMENT)["encoded"]


def piece(kind: str, data: bytes, choice: int = 0, index: int = 0) -> Fields:
    return {"choice": choice, "kind": kind, "index": index, "data": data.hex()}


GREETING = "Grüße, 世界! 👋🏽".encode()


def layout_faults(encoded: str) -> Iterator[RefusedCase]:
    yield "empty", INVALID, {"encoded": ""}
    yield "one byte short", INVALID, {"encoded": encoded[:-2]}
    yield "one byte long", INVALID, {"encoded": encoded + "00"}
    yield "another structure's tag", INVALID, {"encoded": patched(encoded, 9, b"OTHER")}


MESSAGE: Fields = {
    "action": "approve",
    "ledger": LEDGER,
    "payer": account("payer"),
    "sequence": "1",
    "expires_ms": "1767225600000",
    "spender": account("spender"),
    "orchestrator": account("orchestrator"),
    "job_cap": "1000000",
    "limit": "25000000",
    "approval_expires_ms": "1769904000000",
    "may_dispute": True,
}
APPROVE_TEXT = builders.payer_message(MESSAGE)["text"]
HEAD_FIELDS = {name: MESSAGE[name] for name in ("ledger", "payer", "sequence", "expires_ms")}
REVOKE: Fields = {"action": "revoke", **HEAD_FIELDS, "sequence": "2", "spender": account("spender")}
REVOKE_TEXT = builders.payer_message(REVOKE)["text"]
WITHDRAW: Fields = {
    "action": "withdraw",
    **HEAD_FIELDS,
    "sequence": "3",
    "amount": "2500000",
    "destination": "IBAN CH93 0076 2011 6238 5295 7",
}
WITHDRAW_TEXT = builders.payer_message(WITHDRAW)["text"]
