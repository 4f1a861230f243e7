"""What parties sign, ledgers journal and wallets show: ordinary ones, the edges, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import builders
import structures as s
from fixtures import (
    APPROVE_TEXT,
    INVALID,
    JOB,
    LEDGER,
    MESSAGE,
    ONES,
    REVOKE,
    REVOKE_TEXT,
    STATEMENT_ENCODED,
    TERMS_ENCODED,
    VOUCHER_ENCODED,
    WITHDRAW,
    WITHDRAW_TEXT,
    ZEROS,
    Case,
    RefusedCase,
    account,
    patched,
    signed,
    some,
    text,
)


def ledger_id_cases() -> Iterator[Case]:
    yield "embedded", {"operator": account("operator"), "random": some("ledger")}
    yield "zeros", {"operator": ZEROS, "random": ZEROS}


def advert_cases() -> Iterator[Case]:
    yield "a body", {"ledger": LEDGER, "body": "a16161" + "01"}
    yield "no body", {"ledger": LEDGER, "body": ""}


def link_cases() -> Iterator[Case]:
    for role in s.ROLES:
        yield (
            role,
            {
                "role": role,
                "ledger": LEDGER,
                "orchestrator": account("orchestrator"),
                "worker": account("worker"),
                "orchestrator_random": some("orchestrator random"),
                "worker_random": some("worker random"),
                "advert_sha256": some("advert"),
            },
        )


def operation_cases() -> Iterator[Case]:
    yield "a lock", {"ledger": LEDGER, "write": some("write"), "body": "05" + TERMS_ENCODED}
    yield "no body", {"ledger": LEDGER, "write": ZEROS, "body": ""}


def payer_message_cases() -> Iterator[Case]:
    yield "approve", MESSAGE
    yield (
        "approve any orchestrator, milliseconds",
        {
            **MESSAGE,
            "orchestrator": None,
            "job_cap": "0",
            "limit": str(2**63 - 1),
            "expires_ms": "1767225600500",
            "approval_expires_ms": str(s.LAST_TIME * 1000),
            "may_dispute": False,
        },
    )
    yield "revoke", REVOKE
    yield "withdraw", WITHDRAW
    yield "withdraw, sequence and amount at their ends", {**WITHDRAW, "sequence": str(2**63 - 1), "amount": "0"}
    yield "withdraw to a destination that looks like a line", {**WITHDRAW, "destination": "x: amount: 9"}


def payer_message_refused() -> Iterator[RefusedCase]:
    def case(name: str, altered: str) -> RefusedCase:
        return name, INVALID, {"text": altered}

    def approve(old: str, new: str) -> str:
        assert old in APPROVE_TEXT
        return str(APPROVE_TEXT).replace(old, new, 1)

    def base58(name: str) -> str:
        return s.base58(bytes.fromhex(account(name)))

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
    yield case(
        "lines in another order", approve("job-cap: 1000000\nlimit: 25000000", "limit: 25000000\njob-cap: 1000000")
    )
    head = ["sequence: 1", "expires: 2026-01-01T00:00:00Z"]
    yield case("the head in another order", approve("\n".join(head), "\n".join(reversed(head))))
    yield case("a plus sign", approve("sequence: 1", "sequence: +1"))
    yield case("a leading zero", approve("limit: 25000000", "limit: 025000000"))
    yield case("a negative limit", approve("limit: 25000000", "limit: -25000000"))
    yield case("a limit of 2^63", approve("limit: 25000000", f"limit: {2**63}"))
    yield case("a decimal point", approve("limit: 25000000", "limit: 25.0"))
    yield case("Arabic digits", approve("limit: 25000000", "limit: ٢٥"))
    yield case("a time with an offset", approve("expires: 2026-01-01T00:00:00Z", "expires: 2026-01-01T00:00:00+00:00"))
    yield case(
        "a time without seconds",
        approve("approval-expires: 2026-02-01T00:00:00Z", "approval-expires: 2026-02-01T00:00Z"),
    )
    yield case(
        "a time with idle decimals", approve("expires: 2026-01-01T00:00:00Z", "expires: 2026-01-01T00:00:00.000Z")
    )
    yield case("hour 24", approve("approval-expires: 2026-02-01T00", "approval-expires: 2026-01-31T24"))
    yield case("a time before 1970", approve("approval-expires: 2026", "approval-expires: 1969"))
    yield case("may-dispute maybe", approve("may-dispute: yes", "may-dispute: maybe"))
    yield case("any written as zeros", approve("orchestrator: " + base58("orchestrator"), "orchestrator: " + "1" * 32))
    yield case("a payer that is no key", approve(base58("payer"), "abc"))
    yield case("a tab", approve("limit: 25000000", "limit: 25000000\t"))
    hidden = {
        "a right-to-left override": "\u202e",
        "a line separator": "\u2028",
        "no-break space": "\u00a0",
        "delete": "\x7f",
        "null": "\0",
    }
    for name, character in hidden.items():
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
    yield (
        "settle",
        {
            "operation": "settle",
            "statement": STATEMENT_ENCODED,
            "signature": signed("worker", STATEMENT_ENCODED),
        },
    )
    yield (
        "claim",
        {
            "operation": "claim",
            "voucher": VOUCHER_ENCODED,
            "signature": signed("orchestrator", VOUCHER_ENCODED),
        },
    )
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
        text('{"model":"m"}'),
    ]
    yield "all parts", {"parts": parts}
    yield "the public copy, pending", {"parts": [parts[0], "", "", "", *parts[4:9], "", text("pending"), parts[-1]]}
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
