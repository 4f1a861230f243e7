"""Every structure that has vectors: what it is, its cases, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import crypto_cases
import job_cases
import ledger_cases
from fixtures import Case, RefusedCase

ABOUT: dict[str, tuple[str, Iterator[Case], Iterator[RefusedCase]]] = {
    "terms": ("Terms, their job id and what they lock", job_cases.terms_cases(), job_cases.terms_refused()),
    "request-commitment": ("What binds a job to its request", job_cases.request_commitment_cases(), iter(())),
    "output-digest": (
        "What binds a statement to the output, however it was cut",
        job_cases.output_digest_cases(),
        job_cases.output_digest_refused(),
    ),
    "voucher": ("An orchestrator's acknowledgement", job_cases.voucher_cases(), job_cases.voucher_refused()),
    "statement": ("A worker's proof statement", job_cases.statement_cases(), job_cases.statement_refused()),
    "ledger-id": ("The id of an embedded ledger", ledger_cases.ledger_id_cases(), iter(())),
    "advert": ("What a worker signs of its advert", ledger_cases.advert_cases(), iter(())),
    "link": ("What both ends sign to open a link", ledger_cases.link_cases(), iter(())),
    "operation": ("What signers of an embedded ledger's operations sign", ledger_cases.operation_cases(), iter(())),
    "ledger-operation": (
        "The bodies of an embedded ledger's operations",
        ledger_cases.ledger_operation_cases(),
        ledger_cases.ledger_operation_refused(),
    ),
    "payer-message": (
        "What a payer's wallet signs, and its write id",
        ledger_cases.payer_message_cases(),
        ledger_cases.payer_message_refused(),
    ),
    "receipt": ("What a gateway signs of a receipt", ledger_cases.receipt_cases(), iter(())),
    "journal-entry": (
        "The hash of a journal entry, which is its transaction id",
        ledger_cases.journal_entry_cases(),
        iter(()),
    ),
    "journal-head": ("What an embedded ledger signs with each commit", ledger_cases.journal_head_cases(), iter(())),
    "seal": ("HPKE info and exporter context of a job's attempt", crypto_cases.seal_cases(), iter(())),
    "sealed-frame": (
        "Sealed output from a worker: TOKENS frames, and the END frame that follows them",
        crypto_cases.sealed_frame_cases(),
        iter(()),
    ),
    "hpke": (
        "HPKE with fixed keys; each plaintext takes the next nonce",
        crypto_cases.hpke_cases(),
        crypto_cases.hpke_refused(),
    ),
    "ed25519": ("Signatures from fixed seeds", crypto_cases.ed25519_cases(), crypto_cases.ed25519_refused()),
    "base58": ("Bytes as base58", job_cases.base58_cases(), job_cases.base58_refused()),
    "token-prices": ("What tokens cost", job_cases.token_price_cases(), job_cases.token_price_refused()),
}
