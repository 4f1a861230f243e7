"""The inputs of every vector: ordinary ones, the edges, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import builders
import ed25519
import hpke
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


def layout_faults(encoded: str) -> Iterator[RefusedCase]:
    yield "empty", INVALID, {"encoded": ""}
    yield "one byte short", INVALID, {"encoded": encoded[:-2]}
    yield "one byte long", INVALID, {"encoded": encoded + "00"}
    yield "another structure's tag", INVALID, {"encoded": patched(encoded, 9, b"OTHER")}


def terms_cases() -> Iterator[Case]:
    yield "a spender's job", TERMS
    yield "the payer locks, free of charge", {
        **TERMS,
        "lock_signer": account("payer"),
        "input_price": "0",
        "output_price": "0",
    }
    yield "rounded up from one millionth", {**TERMS, "input_cap": 1, "output_cap": 0, "input_price": "1"}
    yield "not rounded at a whole unit", {**TERMS, "input_cap": 1_000_000, "output_cap": 0, "input_price": "1"}
    yield "the dearest prices", {
        **TERMS,
        "input_cap": 2**26,
        "output_cap": 2**26 - 1,
        "input_price": str(2**36 - 1),
        "output_price": str(2**36 - 1),
    }
    yield "largest counts and times", {
        **TERMS,
        "input_cap": 2**31 - 1,
        "output_cap": 2**31 - 1,
        "input_price": "1",
        "output_price": "1",
        "timeout_seconds": 2**31 - 1,
        "valid_until": str(s.LAST_TIME),
        "proof_scheme": 2**31 - 1,
    }
    yield "all keys zero", {name: ZEROS if isinstance(v, str) and len(v) == 64 else v for name, v in TERMS.items()}


def terms_refused() -> Iterator[RefusedCase]:
    yield from layout_faults(TERMS_ENCODED)
    top = b"\x80"
    yield "input cap of 2^31", INVALID, {"encoded": patched(TERMS_ENCODED, 211, top)}
    yield "output cap of 2^31", INVALID, {"encoded": patched(TERMS_ENCODED, 215, top)}
    yield "input price of 2^36", INVALID, {"encoded": patched(TERMS_ENCODED, 216, s.little(2**36, 8))}
    yield "output price of 2^36", INVALID, {"encoded": patched(TERMS_ENCODED, 224, s.little(2**36, 8))}
    yield "output price of 2^64 - 1", INVALID, {"encoded": patched(TERMS_ENCODED, 224, b"\xff" * 8)}
    yield "timeout of 2^31", INVALID, {"encoded": patched(TERMS_ENCODED, 235, top)}
    yield "valid before 1970", INVALID, {"encoded": patched(TERMS_ENCODED, 236, b"\xff" * 8)}
    yield "valid after 9999", INVALID, {"encoded": patched(TERMS_ENCODED, 236, s.little(s.LAST_TIME + 1, 8))}
    yield "scheme of 2^31", INVALID, {"encoded": patched(TERMS_ENCODED, 247, top)}
    dear = s.little(2**31 - 1, 4) * 2 + s.little(2**36 - 1, 8) * 2
    yield "the amount overflows", INVALID, {"encoded": patched(TERMS_ENCODED, 208, dear)}


def request_commitment_cases() -> Iterator[Case]:
    body = '{"model":"m","messages":[{"role":"user","content":"Grüße"}]}'
    yield "a request", {"salt": some("salt"), "client_body": text(body), "payload": text('{"v":1}')}
    yield "nothing", {"salt": some("salt"), "client_body": "", "payload": ""}


def piece(kind: str, data: bytes, choice: int = 0, index: int = 0) -> Fields:
    return {"choice": choice, "kind": kind, "index": index, "data": data.hex()}


GREETING = "Grüße, 世界! 👋🏽".encode()


def output_digest_cases() -> Iterator[Case]:
    def case(name: str, pieces: list[Fields], choices: int = 1) -> Case:
        return name, {"salt": some("salt"), "choices": choices, "pieces": pieces}

    yield case("nothing", [])
    yield case("nothing in three choices", [], 3)
    yield case("text", [piece("text", GREETING)])
    yield case("the same text, byte by byte", [piece("text", bytes([b])) for b in GREETING])
    yield case("the same text, empty pieces between", [piece("text", d) for d in (b"", GREETING[:4], b"", GREETING[4:])])
    yield case("reasoning, then text, then a refusal", [
        piece("reasoning", b"Let me think."),
        piece("text", b"Yes"),
        piece("reasoning", b" Hm."),
        piece("refusal", b"No."),
    ])
    yield case("the same parts in another order", [
        piece("refusal", b"No."),
        piece("text", b"Yes"),
        piece("reasoning", b"Let me think. Hm."),
    ])
    name, arguments = b"weather", '{"city":"Zürich"}'.encode()
    yield case("a tool call", [piece("call-name", name), piece("call-arguments", arguments)])
    yield case("the same call in pieces, with what is not hashed", [
        piece("call-id", b"call_1"),
        piece("call-name", name[:3]),
        piece("call-name", name[3:]),
        piece("logprobs", b"{}"),
        piece("call-arguments", arguments[:12]),
        piece("call-arguments", arguments[12:]),
    ])
    yield case("name and arguments are not one text", [piece("call-name", b"weathe"), piece("call-arguments", b"r")])
    yield case("a call without arguments", [piece("call-name", b"now")])
    yield case("three choices, interleaved, with two calls at once", [
        piece("text", b"A", 0),
        piece("text", b"C", 2),
        piece("call-name", b"f", 1, 0),
        piece("call-name", b"g", 1, 1),
        piece("call-arguments", b"{", 1, 0),
        piece("call-arguments", b"[", 1, 1),
        piece("call-arguments", b"}", 1, 0),
        piece("text", b"a", 0),
        piece("call-arguments", b"]", 1, 1),
        piece("text", b"c", 2),
    ], 3)
    yield case("an embedding: float32, little-endian", [piece("f32", bytes.fromhex("0000803f000000bf"))])


def output_digest_refused() -> Iterator[RefusedCase]:
    def case(name: str, *pieces: Fields) -> RefusedCase:
        return name, INVALID, {"salt": some("salt"), "choices": 2, "pieces": list(pieces)}

    yield case("a choice too many", piece("text", b"x", 2))
    yield case("a negative choice", piece("text", b"x", -1))
    yield case("a call is left out", piece("call-name", b"f", 0, 0), piece("call-name", b"g", 0, 2))
    yield case("a negative call", piece("call-arguments", b"{}", 0, -1))
    yield case("129 calls", *(piece("call-name", b"f", 0, index) for index in range(129)))


def voucher_cases() -> Iterator[Case]:
    yield "64 tokens", VOUCHER
    yield "the assignment", {**VOUCHER, "attempt": 0, "output_tokens": 0, "price": "0"}
    yield "largest numbers", {
        **VOUCHER,
        "attempt": 2**31 - 1,
        "output_tokens": 2**31 - 1,
        "price": str(2**63 - 1),
    }


def voucher_refused() -> Iterator[RefusedCase]:
    yield from layout_faults(VOUCHER_ENCODED)
    for what, offset in (("attempt", 83), ("tokens", 87), ("price", 95)):
        yield f"{what} too large", INVALID, {"encoded": patched(VOUCHER_ENCODED, offset, b"\x80")}


def statement_cases() -> Iterator[Case]:
    yield "stop", STATEMENT
    for reason in s.FINISH_REASONS[1:]:
        yield reason, {**STATEMENT, "finish_reason": reason, "attempt": 2}
    yield "no model stated, nothing done", {
        **STATEMENT,
        "model_digest": ZEROS,
        "input_tokens": 0,
        "output_tokens": 0,
        "price": "0",
    }
    yield "largest numbers", {
        **STATEMENT,
        "input_tokens": 2**31 - 1,
        "output_tokens": 2**31 - 1,
        "price": str(2**63 - 1),
        "attempt": 2**31 - 1,
    }


def statement_refused() -> Iterator[RefusedCase]:
    yield from layout_faults(STATEMENT_ENCODED)
    for what, offset in (("input tokens", 179), ("output tokens", 183), ("price", 191), ("attempt", 199)):
        yield f"{what} too large", INVALID, {"encoded": patched(STATEMENT_ENCODED, offset, b"\x80")}
    yield "finish reason 4", INVALID, {"encoded": patched(STATEMENT_ENCODED, 192, b"\x04")}
    yield "finish reason 255", INVALID, {"encoded": patched(STATEMENT_ENCODED, 192, b"\xff")}
    for offset in (193, 194, 195):
        yield f"padding at {offset}", INVALID, {"encoded": patched(STATEMENT_ENCODED, offset, b"\x01")}


def ledger_id_cases() -> Iterator[Case]:
    yield "embedded", {"operator": account("operator"), "random": some("ledger")}
    yield "zeros", {"operator": ZEROS, "random": ZEROS}


def advert_cases() -> Iterator[Case]:
    yield "a body", {"ledger": LEDGER, "body": "a16161" + "01"}
    yield "no body", {"ledger": LEDGER, "body": ""}


def link_cases() -> Iterator[Case]:
    for role in s.ROLES:
        yield role, {
            "role": role,
            "ledger": LEDGER,
            "orchestrator": account("orchestrator"),
            "worker": account("worker"),
            "orchestrator_random": some("orchestrator random"),
            "worker_random": some("worker random"),
            "advert_sha256": some("advert"),
        }


def operation_cases() -> Iterator[Case]:
    yield "a lock", {"ledger": LEDGER, "write": some("write"), "body": "05" + TERMS_ENCODED}
    yield "no body", {"ledger": LEDGER, "write": ZEROS, "body": ""}


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


def payer_message_cases() -> Iterator[Case]:
    yield "approve", MESSAGE
    yield "approve any orchestrator, milliseconds", {
        **MESSAGE,
        "orchestrator": None,
        "job_cap": "0",
        "limit": str(2**63 - 1),
        "expires_ms": "1767225600500",
        "approval_expires_ms": str(s.LAST_TIME * 1000),
        "may_dispute": False,
    }
    yield "revoke", REVOKE
    yield "withdraw", WITHDRAW
    yield "withdraw, sequence and amount at their ends", {**WITHDRAW, "sequence": str(2**63 - 1), "amount": "0"}
    yield "withdraw to a destination that looks like a line", {**WITHDRAW, "destination": "x: amount: 9"}


def payer_message_refused() -> Iterator[RefusedCase]:
    def case(name: str, altered: str) -> RefusedCase:
        return name, INVALID, {"text": altered}

    def approve(old: str, new: str) -> str:
        assert old in APPROVE_TEXT
        return APPROVE_TEXT.replace(old, new, 1)

    yield case("empty", "")
    yield case("no action", approve("Decentral approve", "Decentral "))
    yield case("another title", approve("Decentral", "decentral"))
    yield case("two spaces", approve("Decentral ", "Decentral  "))
    yield case("carriage returns", APPROVE_TEXT.replace("\n", "\r\n"))
    yield case("a newline at the end", APPROVE_TEXT + "\n")
    yield case("a space at the end", APPROVE_TEXT + " ")
    yield case("an empty line", approve("\nsequence", "\n\nsequence"))
    yield case("a line of its own invention", APPROVE_TEXT + "\nnote: thanks")
    yield case("a line repeated", APPROVE_TEXT + "\nlimit: 1")
    yield case("a line left out", approve("job-cap: 1000000\n", ""))
    yield case("lines in another order", approve("job-cap: 1000000\nlimit: 25000000", "limit: 25000000\njob-cap: 1000000"))
    yield case("the head in another order", approve("sequence: 1\nexpires: 2026-01-01T00:00:00Z", "expires: 2026-01-01T00:00:00Z\nsequence: 1"))
    yield case("a plus sign", approve("sequence: 1", "sequence: +1"))
    yield case("a leading zero", approve("limit: 25000000", "limit: 025000000"))
    yield case("a negative limit", approve("limit: 25000000", "limit: -25000000"))
    yield case("a limit of 2^63", approve("limit: 25000000", f"limit: {2**63}"))
    yield case("a decimal point", approve("limit: 25000000", "limit: 25.0"))
    yield case("Arabic digits", approve("limit: 25000000", "limit: ٢٥"))
    yield case("a time with an offset", approve("expires: 2026-01-01T00:00:00Z", "expires: 2026-01-01T00:00:00+00:00"))
    yield case("a time without seconds", approve("approval-expires: 2026-02-01T00:00:00Z", "approval-expires: 2026-02-01T00:00Z"))
    yield case("a time with idle decimals", approve("expires: 2026-01-01T00:00:00Z", "expires: 2026-01-01T00:00:00.000Z"))
    yield case("hour 24", approve("approval-expires: 2026-02-01T00", "approval-expires: 2026-01-31T24"))
    yield case("a time before 1970", approve("approval-expires: 2026", "approval-expires: 1969"))
    yield case("may-dispute maybe", approve("may-dispute: yes", "may-dispute: maybe"))
    yield case("any written as zeros", approve(f"orchestrator: {s.base58(bytes.fromhex(account('orchestrator')))}", "orchestrator: " + "1" * 32))
    yield case("a payer that is no key", approve(s.base58(bytes.fromhex(account("payer"))), "abc"))
    yield case("a tab", approve("limit: 25000000", "limit: 25000000\t"))
    hidden = (("a right-to-left override", "\u202e"), ("a line separator", "\u2028"), ("no-break space", "\u00a0"), ("delete", "\x7f"), ("null", "\0"))
    for name, character in hidden:
        yield case(f"{name} in a destination", WITHDRAW_TEXT + character)
    yield case("a line after the destination", WITHDRAW_TEXT + "\nfee: 0")
    yield case("an accent in a destination", WITHDRAW_TEXT + "é")
    yield case("2,049 characters", WITHDRAW_TEXT + "x" * (2049 - len(WITHDRAW_TEXT)))
    yield case("revoke with the lines of approve", approve("approve", "revoke"))


def ledger_operation_cases() -> Iterator[Case]:
    deposit = {"operation": "deposit", "account": account("payer"), "amount": "25000000", "reference": "invoice 17/ä"}
    yield "deposit", deposit
    yield "deposit, largest amount, no reference", {**deposit, "amount": str(2**63 - 1), "reference": ""}
    for action, message in (("withdraw", WITHDRAW_TEXT), ("approve", APPROVE_TEXT), ("revoke", REVOKE_TEXT)):
        signature = signed("payer", text(message))
        yield action, {"operation": action, "signature": signature, "text": message}
    yield "lock", {"operation": "lock", "terms": TERMS_ENCODED}
    yield "settle", {
        "operation": "settle",
        "statement": STATEMENT_ENCODED,
        "signature": signed("worker", STATEMENT_ENCODED),
    }
    yield "claim", {
        "operation": "claim",
        "voucher": VOUCHER_ENCODED,
        "signature": signed("orchestrator", VOUCHER_ENCODED),
    }
    for name in ("expire", "refund", "close"):
        yield name, {"operation": name, "job": JOB}
    worker, payout = account("worker"), account("payout")
    yield "register", {"operation": "register", "owner": account("owner"), "worker": worker, "payout": payout}
    yield "update", {"operation": "update", "worker": worker, "payout": payout}
    yield "retire", {"operation": "retire", "worker": worker}


def ledger_operation_refused() -> Iterator[RefusedCase]:
    bodies = {name: builders.ledger_operation(fields)["body"] for name, fields in ledger_operation_cases()}
    yield "empty", INVALID, {"body": ""}
    for number in (0, 14, 128, 255):
        yield f"operation {number}", "UNSUPPORTED_FEATURE", {"body": f"{number:02x}" + JOB}
    for name, body in bodies.items():
        yield f"{name}, one byte short", INVALID, {"body": body[:-2]}
        yield f"{name}, one byte long", INVALID, {"body": body + "00"}
    yield "deposit of 2^63", INVALID, {"body": patched(bodies["deposit"], 33, s.little(2**63, 8))}
    broken = bodies["deposit"][:-4] + "ff" + bodies["deposit"][-2:]
    yield "a reference that is not UTF-8", INVALID, {"body": broken}
    yield "a revoke message to withdraw", INVALID, {"body": "02" + bodies["revoke"][2:]}
    yield "an approve message to revoke", INVALID, {"body": "04" + bodies["approve"][2:]}
    yield "a lock with another tag", INVALID, {"body": patched(bodies["lock"], 1, b"X")}
    yield "a statement's padding", INVALID, {"body": patched(bodies["settle"], 1 + 193, b"\x01")}


def receipt_cases() -> Iterator[Case]:
    parts = [
        TERMS_ENCODED,
        some("salt"),
        some("client body"),
        some("payload"),
        VOUCHER_ENCODED,
        signed("orchestrator", VOUCHER_ENCODED),
        STATEMENT_ENCODED,
        signed("worker", STATEMENT_ENCODED),
        some("lock transaction"),
        some("settle transaction"),
        text("settled"),
    ]
    yield "all parts", {"parts": parts}
    yield "the public copy, pending", {"parts": [parts[0], "", "", "", *parts[4:9], "", text("pending")]}
    yield "lengths keep parts apart, one", {"parts": ["6162", "63"]}
    yield "lengths keep parts apart, two", {"parts": ["61", "6263"]}
    yield "no parts", {"parts": []}


def journal_entry_cases() -> Iterator[Case]:
    first = {"ledger": LEDGER, "index": "0", "previous": ZEROS, "time": "1767225600", "body": "05" + TERMS_ENCODED}
    yield "the first", first
    previous = builders.journal_entry(first)["hash"]
    yield "the second", {**first, "index": "1", "previous": previous, "time": "1767225601", "body": "08" + JOB}
    yield "largest numbers", {**first, "index": str(2**63 - 1), "previous": ONES, "time": str(2**63 - 1)}


def journal_head_cases() -> Iterator[Case]:
    yield "after the first", {"ledger": LEDGER, "index": "0", "hash": some("entry")}
    yield "largest index", {"ledger": LEDGER, "index": str(2**63 - 1), "hash": ONES}


def seal_cases() -> Iterator[Case]:
    parties = {"job": JOB, "worker": account("worker"), "advert_sha256": some("advert")}
    yield "to the worker", {**parties, "attempt": 0, "direction": 0}
    yield "from the worker", {**parties, "attempt": 2**31 - 1, "direction": 1}


def sealed_frame_cases() -> Iterator[Case]:
    frame = {"key": some("frame key")[:32], "job": JOB, "attempt": 0, "lane": 7, "sequence": 0}
    yield "one piece of text", {**frame, "tokens": 3, "pieces": [piece("text", GREETING)]}
    yield "pieces of everything, a later frame", {
        **frame,
        "attempt": 3,
        "lane": 2**31 - 1,
        "sequence": 65_537,
        "tokens": 65_535,
        "pieces": [piece(kind, kind.encode(), choice, 258) for choice, kind in enumerate(s.PART_KINDS)],
    }
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
    yield "a job's payload, then its resume prefix", {
        "receiver_secret": some("session key"),
        "ephemeral_secret": some("ephemeral key"),
        "info": made["info"],
        "plaintexts": [text('{"salt":"…"}'), text("Once upon a time"), ""],
        "exports": [{"context": made["frame_key_context"], "length": 16}],
    }


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
    yield "S plus the group's order", INVALID, {**good, "signature": (raw[:32] + s.little(answer + ed25519.ORDER, 32)).hex()}
    yield "63 bytes", INVALID, {**good, "signature": good["signature"][:-2]}
    yield "65 bytes", INVALID, {**good, "signature": good["signature"] + "00"}
    yield "zeros", INVALID, {**good, "signature": bytes(64).hex()}
    yield "a key that is no point", INVALID, {**good, "public_key": "02" + "00" * 31}
    for number, key in enumerate(SMALL_ORDER):
        # R = identity, S = 0 satisfies the equation under such a key for one message in eight or for all.
        forged = "01" + "00" * 63
        yield f"key of small order {number}", INVALID, {**good, "public_key": key, "signature": forged}


def base58_cases() -> Iterator[Case]:
    for data in ("", "00", "0000", "01", "39", "3a", "ff", "0000ff00", "ffffffffffffffff", ZEROS, ONES, some("key")):
        yield f"{len(data) // 2} bytes, {data[:8] or 'none'}", {"data": data}
    yield "64 bytes, a signature", {"data": signed("worker", "")}


def base58_refused() -> Iterator[RefusedCase]:
    for character in "0OIl+/ é":
        yield f"the character {character!r}", INVALID, {"text": f"abc{character}"}
    yield "129 characters", INVALID, {"text": "2" * 129}


def token_price_cases() -> Iterator[Case]:
    def case(name: str, tokens: tuple[int, int], prices: tuple[int, int]) -> Case:
        return name, {
            "input_tokens": tokens[0],
            "output_tokens": tokens[1],
            "input_price": str(prices[0]),
            "output_price": str(prices[1]),
        }

    yield case("nothing", (0, 0), (2**36 - 1, 2**36 - 1))
    yield case("free", (1000, 1000), (0, 0))
    yield case("one millionth costs one", (1, 0), (1, 0))
    yield case("a whole unit", (500_000, 500_000), (1, 1))
    yield case("a whole unit and a millionth", (500_000, 500_001), (1, 1))
    yield case("an ordinary job", (1234, 567), (150_000, 600_000))
    yield case("just within 63 bits", (2**26, 2**26), (2**36 - 1, 2**36 - 1))


def token_price_refused() -> Iterator[RefusedCase]:
    fields = {"input_tokens": 2**27, "output_tokens": 2**27, "input_price": str(2**36 - 1), "output_price": str(2**36 - 1)}
    yield "the amount does not fit 63 bits", INVALID, fields
    yield "a price of 2^36", INVALID, {**fields, "input_price": str(2**36)}
    yield "a negative price", INVALID, {**fields, "output_price": "-1"}


ABOUT: dict[str, tuple[str, Iterator[Case], Iterator[RefusedCase]]] = {
    "terms": ("Terms, their job id and what they lock", terms_cases(), terms_refused()),
    "request-commitment": ("What binds a job to its request", request_commitment_cases(), iter(())),
    "output-digest": ("What binds a statement to the output, however it was cut", output_digest_cases(), output_digest_refused()),
    "voucher": ("An orchestrator's acknowledgement", voucher_cases(), voucher_refused()),
    "statement": ("A worker's proof statement", statement_cases(), statement_refused()),
    "ledger-id": ("The id of an embedded ledger", ledger_id_cases(), iter(())),
    "advert": ("What a worker signs of its advert", advert_cases(), iter(())),
    "link": ("What both ends sign to open a link", link_cases(), iter(())),
    "operation": ("What signers of an embedded ledger's operations sign", operation_cases(), iter(())),
    "ledger-operation": ("The bodies of an embedded ledger's operations", ledger_operation_cases(), ledger_operation_refused()),
    "payer-message": ("What a payer's wallet signs, and its write id", payer_message_cases(), payer_message_refused()),
    "receipt": ("What a gateway signs of a receipt", receipt_cases(), iter(())),
    "journal-entry": ("The hash of a journal entry, which is its transaction id", journal_entry_cases(), iter(())),
    "journal-head": ("What an embedded ledger signs with each commit", journal_head_cases(), iter(())),
    "seal": ("HPKE info and exporter context of a job's attempt", seal_cases(), iter(())),
    "sealed-frame": ("Sealed output from a worker: TOKENS frames, and the END frame that follows them", sealed_frame_cases(), iter(())),
    "hpke": ("HPKE with fixed keys; each plaintext takes the next nonce", hpke_cases(), hpke_refused()),
    "ed25519": ("Signatures from fixed seeds", ed25519_cases(), ed25519_refused()),
    "base58": ("Bytes as base58", base58_cases(), base58_refused()),
    "token-prices": ("What tokens cost", token_price_cases(), token_price_refused()),
}
