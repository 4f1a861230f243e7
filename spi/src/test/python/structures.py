"""The byte layouts of the protocol, written from its description and sharing nothing with the Java code."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PRICE_LIMIT = 2**36
LAST_TIME = 253_402_300_799
FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter")
PART_KINDS = ("text", "reasoning", "refusal", "call-id", "call-name", "call-arguments", "logprobs", "f32")
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ROLES = ("orchestrator", "worker")
FRAME_TOKENS = 11
FRAME_END = 12


class Refused(Exception):
    """The bytes are not such a structure."""

    def __init__(self, why: str, code: str = "INVALID_REQUEST") -> None:
        super().__init__(why)
        self.code = code


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def little(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def key(value: bytes) -> bytes:
    if len(value) != 32:
        raise Refused(f"32 bytes are needed, not {len(value)}")
    return value


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58_decode(text: str) -> bytes:
    if len(text) > 128:
        raise Refused("base58 text is too long")
    number = 0
    for character in text:
        digit = ALPHABET.find(character)
        if digit < 0:
            raise Refused(f"{character!r} is not a base58 character")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


class Reader:
    """Takes fields from bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._data):
            raise Refused("ends early")
        taken, self._at = self._data[self._at : end], end
        return taken

    def number(self, size: int) -> int:
        """A count or an amount: at most the largest signed number of that size."""
        value = int.from_bytes(self.take(size), "little")
        if value >> (8 * size - 1):
            raise Refused("a number is too large")
        return value

    def tag(self, tag: str) -> None:
        if self.take(16) != tag.encode("ascii"):
            raise Refused(f"does not begin with {tag}")

    def text(self) -> str:
        length = int.from_bytes(self.take(2), "little")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as e:
            raise Refused("text is not UTF-8") from e

    def end(self) -> None:
        if self._at != len(self._data):
            raise Refused("goes on after its end")


def cost(input_tokens: int, output_tokens: int, input_price: int, output_price: int) -> int:
    """Base units, rounded up; prices are per million tokens."""
    if not (0 <= input_price < PRICE_LIMIT and 0 <= output_price < PRICE_LIMIT):
        raise Refused("a price is out of range")
    total = input_tokens * input_price + output_tokens * output_price
    if total >= 2**63:
        raise Refused("the amount does not fit 63 bits")
    return -(-total // 1_000_000)


@dataclass(frozen=True)
class Terms:
    ledger: bytes
    payer: bytes
    orchestrator: bytes
    lock_signer: bytes
    nonce: bytes
    request_commitment: bytes
    input_cap: int
    output_cap: int
    input_price: int
    output_price: int
    timeout_seconds: int
    valid_until: int
    proof_scheme: int

    def encode(self) -> bytes:
        keys = (self.ledger, self.payer, self.orchestrator, self.lock_signer, self.nonce, self.request_commitment)
        return b"".join(
            (
                b"DECENTRAL-JOBID1",
                *map(key, keys),
                little(self.input_cap, 4),
                little(self.output_cap, 4),
                little(self.input_price, 8),
                little(self.output_price, 8),
                little(self.timeout_seconds, 4),
                little(self.valid_until, 8),
                little(self.proof_scheme, 4),
            )
        )

    def job_id(self) -> bytes:
        return sha256(self.encode())

    def locked(self) -> int:
        return cost(self.input_cap, self.output_cap, self.input_price, self.output_price)

    @staticmethod
    def decode(data: bytes) -> Terms:
        reader = Reader(data)
        reader.tag("DECENTRAL-JOBID1")
        fields: list[Any] = [reader.take(32) for _ in range(6)]
        fields += [reader.number(size) for size in (4, 4, 8, 8, 4, 8, 4)]
        terms = Terms(*fields)
        reader.end()
        terms.locked()
        if terms.valid_until > LAST_TIME:
            raise Refused("validUntil is out of range")
        return terms


@dataclass(frozen=True)
class Voucher:
    job: bytes
    worker: bytes
    attempt: int
    output_tokens: int
    price: int

    def encode(self) -> bytes:
        numbers = little(self.attempt, 4) + little(self.output_tokens, 4) + little(self.price, 8)
        return b"DECENTRAL-VOUCH1" + key(self.job) + key(self.worker) + numbers

    @staticmethod
    def decode(data: bytes) -> Voucher:
        reader = Reader(data)
        reader.tag("DECENTRAL-VOUCH1")
        voucher = Voucher(reader.take(32), reader.take(32), reader.number(4), reader.number(4), reader.number(8))
        reader.end()
        return voucher


@dataclass(frozen=True)
class Statement:
    job: bytes
    worker: bytes
    request_commitment: bytes
    model_digest: bytes
    output_digest: bytes
    input_tokens: int
    output_tokens: int
    price: int
    finish_reason: str
    attempt: int

    def encode(self) -> bytes:
        keys = (self.job, self.worker, self.request_commitment, self.model_digest, self.output_digest)
        return b"".join(
            (
                b"DECENTRAL-PROOF1",
                *map(key, keys),
                little(self.input_tokens, 4),
                little(self.output_tokens, 4),
                little(self.price, 8),
                bytes([FINISH_REASONS.index(self.finish_reason)]),
                bytes(3),
                little(self.attempt, 4),
            )
        )

    @staticmethod
    def decode(data: bytes) -> Statement:
        reader = Reader(data)
        reader.tag("DECENTRAL-PROOF1")
        fields: list[Any] = [reader.take(32) for _ in range(5)]
        fields += [reader.number(size) for size in (4, 4, 8)]
        reason = reader.take(1)[0]
        if reason >= len(FINISH_REASONS):
            raise Refused(f"there is no finish reason {reason}")
        if any(reader.take(3)):
            raise Refused("padding is not zero")
        fields += [FINISH_REASONS[reason], reader.number(4)]
        statement = Statement(*fields)
        reader.end()
        return statement


def ledger_id(operator: bytes, random: bytes) -> bytes:
    return sha256(b"DECENTRAL-LEDGR1", key(operator), key(random))


def request_commitment(salt: bytes, client_body: bytes, payload: bytes) -> bytes:
    return sha256(b"DECENTRAL-REQST1", key(salt), sha256(client_body), sha256(payload))


@dataclass(frozen=True)
class Piece:
    """A piece of output; its kind is one of PART_KINDS."""

    choice: int
    kind: str
    index: int
    data: bytes


def choice_digest(pieces: Sequence[Piece]) -> bytes:
    """Of one choice's pieces, in order."""

    def joined(kinds: Sequence[str], index: int | None = None) -> bytes:
        return b"".join(p.data for p in pieces if p.kind in kinds and (index is None or p.index == index))

    calls = 0
    for piece in pieces:
        if piece.kind in ("call-name", "call-arguments"):
            if not 0 <= piece.index <= calls or piece.index >= 128:
                raise Refused(f"tool call {piece.index} after {calls}")
            calls = max(calls, piece.index + 1)
    digest = sha256(joined(("text", "f32"))) + sha256(joined(("reasoning",))) + sha256(joined(("refusal",)))
    digest += little(calls, 4)
    for index in range(calls):
        for kind in ("call-name", "call-arguments"):
            data = joined((kind,), index)
            digest += little(len(data), 4) + data
    return sha256(digest)


def output_digest(salt: bytes, choices: int, pieces: Sequence[Piece]) -> bytes:
    for piece in pieces:
        if not 0 <= piece.choice < choices:
            raise Refused(f"choice {piece.choice} of {choices}")
    digests = [choice_digest([p for p in pieces if p.choice == choice]) for choice in range(choices)]
    return sha256(b"DECENTRAL-OUTPT1", key(salt), little(choices, 4), *digests)


def advert_signing_bytes(ledger: bytes, body: bytes) -> bytes:
    return b"DECENTRAL-ADVRT1" + key(ledger) + body


def link_signing_bytes(role: str, parties: Sequence[bytes], randoms: Sequence[bytes], advert_sha256: bytes) -> bytes:
    """Parties: ledger, orchestrator, worker. Randoms: the orchestrator's, the worker's."""
    fields = (*map(key, parties), *map(key, randoms), key(advert_sha256))
    return b"DECENTRAL-LINK-1" + bytes([ROLES.index(role)]) + b"".join(fields)


def operation_signing_bytes(ledger: bytes, write: bytes, body: bytes) -> bytes:
    return b"DECENTRAL-LEDOP1" + key(ledger) + key(write) + sha256(body)


def receipt_signing_bytes(parts: Sequence[bytes]) -> bytes:
    return b"DECENTRAL-RECPT1" + sha256(*(little(len(part), 4) + part for part in parts))


def journal_entry_hash(ledger: bytes, index: int, previous: bytes, time: int, body: bytes) -> bytes:
    position = little(index, 8) + key(previous) + time.to_bytes(8, "little", signed=True)
    return sha256(b"DECENTRAL-JOURN1", key(ledger), position, sha256(body))


def journal_head_signing_bytes(ledger: bytes, index: int, last: bytes) -> bytes:
    return b"DECENTRAL-JHEAD1" + key(ledger) + little(index, 8) + key(last)


# Sealing


def seal_info(job: bytes, worker: bytes, advert_sha256: bytes) -> bytes:
    return b"decentral/seal/1" + key(job) + key(worker) + key(advert_sha256)


def frame_key_context(attempt: int, direction: int) -> bytes:
    return b"decentral/frames/1" + little(attempt, 4) + bytes([direction])


def frame_aad(frame_type: int, job: bytes, attempt: int, tokens: int) -> bytes:
    return bytes([frame_type]) + key(job) + little(attempt, 4) + little(tokens, 2)


def frame_nonce(sequence: int) -> bytes:
    return little(sequence, 12)


def record(piece: Piece) -> bytes:
    kind, choice = PART_KINDS.index(piece.kind), piece.choice
    return bytes([kind, choice]) + little(piece.index, 2) + little(len(piece.data), 4) + piece.data


def token_info(token: int | None, log_probability: float, data: bytes) -> bytes:
    number = 2**32 - 1 if token is None else token
    return little(number, 4) + struct.pack("<d", log_probability) + little(len(data), 2) + data


def token_infos(tokens: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    """The bytes of a log probability record: tokens, each with its alternatives."""
    return b"".join(chosen + little(len(others), 1) + b"".join(others) for chosen, others in tokens)


def tokens_head(lane: int, sequence: int, tokens: int) -> bytes:
    return bytes([FRAME_TOKENS]) + little(lane, 4) + little(sequence, 4) + little(tokens, 2)


def end_head(lane: int) -> bytes:
    return bytes([FRAME_END]) + little(lane, 4)


# Payer messages

FIELDS = {
    "approve": ("spender", "orchestrator", "job-cap", "limit", "approval-expires", "may-dispute"),
    "revoke": ("spender",),
    "withdraw": ("amount", "destination"),
}
HEAD = ("ledger", "payer", "sequence", "expires")
ACCOUNTS = ("ledger", "payer", "spender")
NUMBERS = ("sequence", "job-cap", "limit", "amount")
TIMES = ("expires", "approval-expires")
NAME = re.compile("[a-z][a-z-]{0,31}")


def iso_time(unix_milliseconds: int) -> str:
    """ISO-8601 in UTC, with seconds always and milliseconds only where there are any."""
    seconds, milliseconds = divmod(unix_milliseconds, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{milliseconds:03d}Z" if milliseconds else "Z")


def payer_message(action: str, lines: Mapping[str, str]) -> str:
    return "\n".join([f"Decentral {action}", *(f"{name}: {value}" for name, value in lines.items())])


def parse_payer_message(text: str) -> tuple[str, dict[str, str]]:
    """Action and lines of a message; anything but its one form is refused."""
    if len(text) > 2048:
        raise Refused("the message is too long")
    title, *rows = text.split("\n")
    action = title.removeprefix("Decentral ")
    if action == title or not NAME.fullmatch(action):
        raise Refused("the message does not begin with its action")
    lines: dict[str, str] = {}
    for row in rows:
        name, colon, value = row.partition(": ")
        if not colon or not NAME.fullmatch(name) or name in lines or re.search("[^ -~]", row):
            raise Refused(f"{row!r} is not a line")
        lines[name] = value
    expected = HEAD + FIELDS.get(action, tuple(lines)[4:])
    if tuple(lines) != expected:
        raise Refused(f"the lines of {action} are {', '.join(expected)}")
    for name, value in lines.items():
        if not _well_formed(action, name, value):
            raise Refused(f"{name} is {value!r}")
    return action, lines


def _well_formed(action: str, name: str, value: str) -> bool:
    ours = name in HEAD or action in FIELDS
    if not ours or name == "destination" or (name == "orchestrator" and value == "any"):
        return True
    if name in NUMBERS:
        return bool(re.fullmatch("0|[1-9][0-9]{0,18}", value)) and int(value) < 2**63
    if name in TIMES:
        return _is_time(value)
    if name == "may-dispute":
        return value in ("yes", "no")
    account = base58_decode(value)
    return len(account) == 32 and base58(account) == value and not (name == "orchestrator" and not any(account))


def _is_time(value: str) -> bool:
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3}|\.\d{6}|\.\d{9})?Z", value, re.ASCII)
    if not match or (match[2] and match[2].endswith("000")):
        return False
    try:
        return datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").year >= 1970
    except ValueError:
        return False


def message_write_id(text: str) -> bytes:
    return sha256(b"message", text.encode("utf-8"))


# Ledger operations

OPERATIONS = (
    "deposit",
    "withdraw",
    "approve",
    "revoke",
    "lock",
    "settle",
    "claim",
    "expire",
    "refund",
    "close",
    "register",
    "update",
    "retire",
)


def operation_body(name: str, parts: Sequence[bytes]) -> bytes:
    return bytes([OPERATIONS.index(name) + 1]) + b"".join(parts)


def u16_text(text: str) -> bytes:
    data = text.encode("utf-8")
    return little(len(data), 2) + data


def decode_operation(body: bytes) -> str:
    """The operation's name; anything but its one form is refused."""
    reader = Reader(body)
    number = reader.take(1)[0]
    if not 1 <= number <= len(OPERATIONS):
        raise Refused(f"there is no operation {number}", "UNSUPPORTED_FEATURE")
    name = OPERATIONS[number - 1]
    match name:
        case "deposit":
            reader.take(32)
            reader.number(8)
            reader.text()
        case "withdraw" | "approve" | "revoke":
            reader.take(64)
            action, _ = parse_payer_message(reader.text())
            if action != name:
                raise Refused(f"the message of {name} says {action}")
        case "lock":
            Terms.decode(reader.take(248))
        case "settle":
            Statement.decode(reader.take(200))
            reader.take(64)
        case "claim":
            Voucher.decode(reader.take(96))
            reader.take(64)
        case _:
            reader.take({"register": 96, "update": 64}.get(name, 32))
    reader.end()
    return name
