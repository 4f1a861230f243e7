"""Terms, output, vouchers, statements: ordinary ones, the edges, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import structures as s
from fixtures import (
    GREETING,
    INVALID,
    ONES,
    STATEMENT,
    STATEMENT_ENCODED,
    TERMS,
    TERMS_ENCODED,
    VOUCHER,
    VOUCHER_ENCODED,
    ZEROS,
    Case,
    Fields,
    RefusedCase,
    account,
    layout_faults,
    patched,
    piece,
    signed,
    some,
    text,
)


def terms_cases() -> Iterator[Case]:
    yield "a spender's job", TERMS
    yield (
        "the payer locks, free of charge",
        {
            **TERMS,
            "lock_signer": account("payer"),
            "input_price": "0",
            "output_price": "0",
        },
    )
    yield "rounded up from one millionth", {**TERMS, "input_cap": 1, "output_cap": 0, "input_price": "1"}
    yield "not rounded at a whole unit", {**TERMS, "input_cap": 1_000_000, "output_cap": 0, "input_price": "1"}
    yield (
        "the dearest prices",
        {
            **TERMS,
            "input_cap": 2**26,
            "output_cap": 2**26 - 1,
            "input_price": str(2**36 - 1),
            "output_price": str(2**36 - 1),
        },
    )
    yield (
        "largest counts and times",
        {
            **TERMS,
            "input_cap": 2**31 - 1,
            "output_cap": 2**31 - 1,
            "input_price": "1",
            "output_price": "1",
            "timeout_seconds": 2**31 - 1,
            "valid_until": str(s.LAST_TIME),
            "proof_scheme": 2**31 - 1,
        },
    )
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


def output_digest_cases() -> Iterator[Case]:
    def case(name: str, pieces: list[Fields], choices: int = 1) -> Case:
        return name, {"salt": some("salt"), "choices": choices, "pieces": pieces}

    yield case("nothing", [])
    yield case("nothing in three choices", [], 3)
    yield case("text", [piece("text", GREETING)])
    yield case("the same text, byte by byte", [piece("text", bytes([b])) for b in GREETING])
    yield case(
        "the same text, empty pieces between", [piece("text", d) for d in (b"", GREETING[:4], b"", GREETING[4:])]
    )
    yield case(
        "reasoning, then text, then a refusal",
        [
            piece("reasoning", b"Let me think."),
            piece("text", b"Yes"),
            piece("reasoning", b" Hm."),
            piece("refusal", b"No."),
        ],
    )
    yield case(
        "the same parts in another order",
        [
            piece("refusal", b"No."),
            piece("text", b"Yes"),
            piece("reasoning", b"Let me think. Hm."),
        ],
    )
    name, arguments = b"weather", '{"city":"Zürich"}'.encode()
    yield case("a tool call", [piece("call-name", name), piece("call-arguments", arguments)])
    yield case(
        "the same call in pieces, with what is not hashed",
        [
            piece("call-id", b"call_1"),
            piece("call-name", name[:3]),
            piece("call-name", name[3:]),
            piece("logprobs", b"{}"),
            piece("call-arguments", arguments[:12]),
            piece("call-arguments", arguments[12:]),
        ],
    )
    yield case("name and arguments are not one text", [piece("call-name", b"weathe"), piece("call-arguments", b"r")])
    yield case("a call without arguments", [piece("call-name", b"now")])
    yield case(
        "three choices, interleaved, with two calls at once",
        [
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
        ],
        3,
    )
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
    yield (
        "largest numbers",
        {
            **VOUCHER,
            "attempt": 2**31 - 1,
            "output_tokens": 2**31 - 1,
            "price": str(2**63 - 1),
        },
    )


def voucher_refused() -> Iterator[RefusedCase]:
    yield from layout_faults(VOUCHER_ENCODED)
    for what, offset in (("attempt", 83), ("tokens", 87), ("price", 95)):
        yield f"{what} too large", INVALID, {"encoded": patched(VOUCHER_ENCODED, offset, b"\x80")}


def statement_cases() -> Iterator[Case]:
    yield "stop", STATEMENT
    for reason in s.FINISH_REASONS[1:]:
        yield reason, {**STATEMENT, "finish_reason": reason, "attempt": 2}
    yield (
        "no model stated, nothing done",
        {
            **STATEMENT,
            "model_digest": ZEROS,
            "input_tokens": 0,
            "output_tokens": 0,
            "price": "0",
        },
    )
    yield (
        "largest numbers",
        {
            **STATEMENT,
            "input_tokens": 2**31 - 1,
            "output_tokens": 2**31 - 1,
            "price": str(2**63 - 1),
            "attempt": 2**31 - 1,
        },
    )


def statement_refused() -> Iterator[RefusedCase]:
    yield from layout_faults(STATEMENT_ENCODED)
    for what, offset in (("input tokens", 179), ("output tokens", 183), ("price", 191), ("attempt", 199)):
        yield f"{what} too large", INVALID, {"encoded": patched(STATEMENT_ENCODED, offset, b"\x80")}
    yield "finish reason 4", INVALID, {"encoded": patched(STATEMENT_ENCODED, 192, b"\x04")}
    yield "finish reason 255", INVALID, {"encoded": patched(STATEMENT_ENCODED, 192, b"\xff")}
    for offset in (193, 194, 195):
        yield f"padding at {offset}", INVALID, {"encoded": patched(STATEMENT_ENCODED, offset, b"\x01")}


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
    fields = {
        "input_tokens": 2**27,
        "output_tokens": 2**27,
        "input_price": str(2**36 - 1),
        "output_price": str(2**36 - 1),
    }
    yield "the amount does not fit 63 bits", INVALID, fields
    yield "a price of 2^36", INVALID, {**fields, "input_price": str(2**36)}
    yield "a negative price", INVALID, {**fields, "output_price": "-1"}
