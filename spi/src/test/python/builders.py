"""How each kind of vector is computed from its fields, and how what must be refused is refused.

Bytes are hex, amounts decimal text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ed25519
import hpke
import structures as s

Fields = dict[str, Any]


def h(fields: Fields, *names: str) -> list[Any]:
    """The bytes of these fields, in order, to be passed on."""
    return [bytes.fromhex(fields[name]) for name in names]


def terms(f: Fields) -> Fields:
    fields = h(f, "ledger", "payer", "orchestrator", "lock_signer", "nonce", "request_commitment")
    fields += [f["input_cap"], f["output_cap"], int(f["input_price"]), int(f["output_price"])]
    fields += [f["timeout_seconds"], int(f["valid_until"]), f["proof_scheme"]]
    made = s.Terms(*fields)
    encoded = made.encode()
    assert s.Terms.decode(encoded) == made
    return {"encoded": encoded.hex(), "job": s.base58(made.job_id()), "locked": str(made.locked())}


def request_commitment(f: Fields) -> Fields:
    salt, body, payload = h(f, "salt", "client_body", "payload")
    return {
        "client_body_sha256": s.sha256(body).hex(),
        "payload_sha256": s.sha256(payload).hex(),
        "commitment": s.request_commitment(salt, body, payload).hex(),
    }


def output_digest(f: Fields) -> Fields:
    pieces = [s.Piece(p["choice"], p["kind"], p["index"], bytes.fromhex(p["data"])) for p in f["pieces"]]
    digest = s.output_digest(bytes.fromhex(f["salt"]), f["choices"], pieces)
    choices = [s.choice_digest([p for p in pieces if p.choice == choice]) for choice in range(f["choices"])]
    return {"choice_digests": [c.hex() for c in choices], "digest": digest.hex()}


def voucher(f: Fields) -> Fields:
    job, worker = h(f, "job", "worker")
    made = s.Voucher(job, worker, f["attempt"], f["output_tokens"], int(f["price"]))
    assert s.Voucher.decode(made.encode()) == made
    return {"encoded": made.encode().hex()}


def statement(f: Fields) -> Fields:
    fields = h(f, "job", "worker", "request_commitment", "model_digest", "output_digest")
    fields += [f["input_tokens"], f["output_tokens"], int(f["price"]), f["finish_reason"], f["attempt"]]
    made = s.Statement(*fields)
    assert s.Statement.decode(made.encode()) == made
    return {"encoded": made.encode().hex()}


def ledger_id(f: Fields) -> Fields:
    made = s.ledger_id(*h(f, "operator", "random"))
    return {"id": made.hex(), "text": s.base58(made)}


def advert(f: Fields) -> Fields:
    return {"signing_bytes": s.advert_signing_bytes(*h(f, "ledger", "body")).hex()}


def link(f: Fields) -> Fields:
    parties = h(f, "ledger", "orchestrator", "worker")
    randoms = h(f, "orchestrator_random", "worker_random")
    return {"signing_bytes": s.link_signing_bytes(f["role"], parties, randoms, *h(f, "advert_sha256")).hex()}


def operation(f: Fields) -> Fields:
    return {"signing_bytes": s.operation_signing_bytes(*h(f, "ledger", "write", "body")).hex()}


def ledger_operation(f: Fields) -> Fields:
    name = f["operation"]
    match name:
        case "deposit":
            parts = [*h(f, "account"), s.little(int(f["amount"]), 8), s.u16_text(f["reference"])]
        case "withdraw" | "approve" | "revoke":
            parts = [*h(f, "signature"), s.u16_text(f["text"])]
        case _:
            parts = h(f, *(field for field in f if field != "operation"))
    body = s.operation_body(name, parts)
    assert s.decode_operation(body) == name
    return {"body": body.hex()}


def payer_message(f: Fields) -> Fields:
    ledger, payer = h(f, "ledger", "payer")
    lines = {
        "ledger": s.base58(ledger),
        "payer": s.base58(payer),
        "sequence": f["sequence"],
        "expires": s.iso_time(int(f["expires_ms"])),
    }
    if "spender" in f:
        lines["spender"] = s.base58(*h(f, "spender"))
    if f["action"] == "approve":
        lines["orchestrator"] = "any" if f["orchestrator"] is None else s.base58(*h(f, "orchestrator"))
        lines["job-cap"] = f["job_cap"]
        lines["limit"] = f["limit"]
        lines["approval-expires"] = s.iso_time(int(f["approval_expires_ms"]))
        lines["may-dispute"] = "yes" if f["may_dispute"] else "no"
    if f["action"] == "withdraw":
        lines["amount"] = f["amount"]
        lines["destination"] = f["destination"]
    text = s.payer_message(f["action"], lines)
    assert s.parse_payer_message(text) == (f["action"], lines)
    return {"text": text, "write": s.message_write_id(text).hex()}


def receipt(f: Fields) -> Fields:
    return {"signing_bytes": s.receipt_signing_bytes([bytes.fromhex(part) for part in f["parts"]]).hex()}


def journal_entry(f: Fields) -> Fields:
    ledger, previous, body = h(f, "ledger", "previous", "body")
    made = s.journal_entry_hash(ledger, int(f["index"]), previous, int(f["time"]), body)
    return {"hash": made.hex(), "transaction": s.base58(made)}


def journal_head(f: Fields) -> Fields:
    ledger, last = h(f, "ledger", "hash")
    return {"signing_bytes": s.journal_head_signing_bytes(ledger, int(f["index"]), last).hex()}


def seal(f: Fields) -> Fields:
    job, worker, advert_sha256 = h(f, "job", "worker", "advert_sha256")
    return {
        "info": s.seal_info(job, worker, advert_sha256).hex(),
        "frame_key_context": s.frame_key_context(f["attempt"], f["direction"]).hex(),
    }


def sealed_frame(f: Fields) -> Fields:
    key, job = h(f, "key", "job")
    if "end" in f:
        frame_type, tokens, plaintext = s.FRAME_END, 0, bytes.fromhex(f["end"])
        head = s.end_head(f["lane"])
    else:
        pieces = [s.Piece(p["choice"], p["kind"], p["index"], bytes.fromhex(p["data"])) for p in f["pieces"]]
        frame_type, tokens, plaintext = s.FRAME_TOKENS, f["tokens"], b"".join(map(s.record, pieces))
        head = s.tokens_head(f["lane"], f["sequence"], tokens)
    aad = s.frame_aad(frame_type, job, f["attempt"], tokens)
    nonce = s.frame_nonce(f["sequence"])
    sealed = hpke.gcm_seal(key, nonce, aad, plaintext)
    assert hpke.gcm_open(key, nonce, aad, sealed) == plaintext
    return {"plaintext": plaintext.hex(), "aad": aad.hex(), "nonce": nonce.hex(), "frame": (head + sealed).hex()}


def hpke_seal(f: Fields) -> Fields:
    secret, ephemeral, info = h(f, "receiver_secret", "ephemeral_secret", "info")
    public = hpke.x25519_public(secret)
    encapsulation, context = hpke.sender(public, info, ephemeral)
    plaintexts = [bytes.fromhex(text) for text in f["plaintexts"]]
    ciphertexts = [context.seal(b"", text) for text in plaintexts]
    receiver = hpke.receiver(secret, info, encapsulation)
    assert [receiver.open(b"", text) for text in ciphertexts] == plaintexts
    exports = [context.export(bytes.fromhex(e["context"]), e["length"]).hex() for e in f["exports"]]
    return {
        "receiver_public": public.hex(),
        "encapsulation": encapsulation.hex(),
        "ciphertexts": [text.hex() for text in ciphertexts],
        "exported": exports,
    }


def signature(f: Fields) -> Fields:
    seed, message = h(f, "seed", "message")
    public, signed = ed25519.public_key(seed), ed25519.sign(seed, message)
    assert ed25519.verify(public, message, signed)
    return {"public_key": public.hex(), "signature": signed.hex()}


def base58(f: Fields) -> Fields:
    (data,) = h(f, "data")
    assert s.base58_decode(s.base58(data)) == data
    return {"text": s.base58(data)}


def token_prices(f: Fields) -> Fields:
    prices = int(f["input_price"]), int(f["output_price"])
    return {"cost": str(s.cost(f["input_tokens"], f["output_tokens"], *prices))}


# What must be refused


def refuse_signature(f: Fields) -> object:
    if not ed25519.verify(*h(f, "public_key", "message", "signature")):
        raise s.Refused("the signature does not verify")
    return f


def refuse_hpke(f: Fields) -> object:
    secret, info, encapsulation, ciphertext = h(f, "receiver_secret", "info", "encapsulation", "ciphertext")
    try:
        return hpke.receiver(secret, info, encapsulation).open(b"", ciphertext)
    except hpke.Refused as e:
        raise s.Refused(str(e)) from e


BUILDERS: dict[str, Callable[[Fields], Fields]] = {
    "terms": terms,
    "request-commitment": request_commitment,
    "output-digest": output_digest,
    "voucher": voucher,
    "statement": statement,
    "ledger-id": ledger_id,
    "advert": advert,
    "link": link,
    "operation": operation,
    "ledger-operation": ledger_operation,
    "payer-message": payer_message,
    "receipt": receipt,
    "journal-entry": journal_entry,
    "journal-head": journal_head,
    "seal": seal,
    "sealed-frame": sealed_frame,
    "hpke": hpke_seal,
    "ed25519": signature,
    "base58": base58,
    "token-prices": token_prices,
}

REFUSERS: dict[str, Callable[[Fields], object]] = {
    "terms": lambda f: s.Terms.decode(*h(f, "encoded")),
    "voucher": lambda f: s.Voucher.decode(*h(f, "encoded")),
    "statement": lambda f: s.Statement.decode(*h(f, "encoded")),
    "output-digest": output_digest,
    "ledger-operation": lambda f: s.decode_operation(*h(f, "body")),
    "payer-message": lambda f: s.parse_payer_message(f["text"]),
    "hpke": refuse_hpke,
    "ed25519": refuse_signature,
    "base58": lambda f: s.base58_decode(f["text"]),
    "token-prices": token_prices,
}
