"""OpenAI's own client for Python against a gateway with one slot.

The argument is "refusals" or "answers": which checks to run. Refusals come first on a fresh gateway, where nothing
else moves money. Environment: OPENAI_BASE_URL and OPENAI_API_KEY, as the client reads them, and MODEL. Prints one JSON
object a check on standard output, {"check": name, "error": null or why}, and ends with 1 if a check failed.
"""

import http.client
import json
import os
import socket
import sys
import time
import traceback
import urllib.parse
from collections.abc import Callable
from functools import partial
from typing import Any

import openai
from openai import OpenAI

BASE_URL = os.environ["OPENAI_BASE_URL"]
API_KEY = os.environ["OPENAI_API_KEY"]
MODEL = os.environ["MODEL"]
TIMEOUT = 120
STORY: list[Any] = [{"role": "user", "content": "Tell me a story about a lighthouse."}]
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "minLength": 1, "maxLength": 12}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS: list[Any] = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
FORCED: Any = {"type": "function", "function": {"name": "weather"}}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

# Retries would hide what a gateway refuses.
client = OpenAI(max_retries=0, timeout=TIMEOUT)
refusals: list[Callable[[], None]] = []
answers: list[Callable[[], None]] = []


def refusal(function: Callable[[], None]) -> Callable[[], None]:
    refusals.append(function)
    return function


def answer(function: Callable[[], None]) -> Callable[[], None]:
    answers.append(function)
    return function


def request(path: str, body: Any = None) -> tuple[http.client.HTTPResponse, bytes]:
    """Asks without the client, for the bytes themselves."""
    url = urllib.parse.urlsplit(BASE_URL)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)
    connection.request(
        "GET" if body is None else "POST",
        url.path + path,
        None if body is None else json.dumps(body),
        {"authorization": "Bearer " + API_KEY, "content-type": "application/json"},
    )
    response = connection.getresponse()
    return response, response.read()


def credits() -> Any:
    return json.loads(request("/credits")[1])


def ask(**more: Any) -> Any:
    wanted: dict[str, Any] = {"model": MODEL, "messages": STORY, "temperature": 0, "max_tokens": 24}
    return client.chat.completions.create(**(wanted | more))


def read(stream: Any) -> tuple[str, list[str], list[Any]]:
    """The text, the finish reasons and the chunks of a stream that is read to its end."""
    chunks = list(stream)
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    return text, reasons, chunks


def middle_word(completion: Any) -> str:
    words = completion.choices[0].message.content.split()
    return str(words[len(words) // 2])


def refused(kind: type[openai.APIStatusError], status: int, code: str | None, call: Callable[[], Any]) -> Any:
    """The error of a call that must fail, as the client's exception, with no money moved."""
    before = credits()
    assert before["locked"] == 0, "a job is under way"
    try:
        call()
    except kind as error:
        assert type(error) is kind, f"{type(error)} instead of {kind}"
        assert error.status_code == status, error.status_code
        assert code is None or error.code == code, error.code
        assert error.body and error.message, "an error without words"
        assert credits() == before, "money moved"
        return error
    raise AssertionError(f"no {kind.__name__}")


@refusal
def models_are_listed() -> None:
    models = client.models.list().data
    assert MODEL in [model.id for model in models], models
    assert client.models.retrieve(MODEL).id == MODEL


@refusal
def a_wrong_key_is_an_authentication_error() -> None:
    for key in ("dk-wrong", "sk-" + "0" * 48):
        other = OpenAI(api_key=key, max_retries=0)
        refused(openai.AuthenticationError, 401, "invalid_api_key", other.models.list)


@refusal
def an_unknown_model_is_not_found() -> None:
    refused(openai.NotFoundError, 404, "model_not_found", lambda: ask(model="no-such-model"))
    refused(openai.NotFoundError, 404, "model_not_found", lambda: ask(model="no-such-model", stream=True))
    refused(openai.NotFoundError, 404, None, lambda: client.models.retrieve("no-such-model"))


@refusal
def bad_parameters_are_named() -> None:
    cases: dict[str, dict[str, Any]] = {
        "temperature": {"temperature": 9},
        "messages": {"messages": []},
        "frobnicate": {"extra_body": {"frobnicate": 1}},
        "max_tokens": {"max_tokens": 0},
    }
    for parameter, wrong in cases.items():
        for stream in (False, True):
            error = refused(openai.BadRequestError, 400, None, partial(ask, stream=stream, **wrong))
            assert error.param == parameter, error.param


@refusal
def images_on_a_model_without_them_are_refused() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PIXEL}}
    seen: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}]
    refused(openai.BadRequestError, 400, "unsupported_feature", lambda: ask(messages=seen))


@refusal
def a_prompt_beyond_the_context_is_refused_before_any_lock() -> None:
    long: list[Any] = [{"role": "user", "content": "lighthouse " * 4000}]
    for stream in (False, True):
        refused(openai.BadRequestError, 400, "context_length_exceeded", partial(ask, messages=long, stream=stream))


@answer
def a_forced_call_has_arguments_of_its_schema() -> None:
    whole = ask(tools=TOOLS, tool_choice=FORCED, max_tokens=128).choices[0]
    assert whole.finish_reason == "tool_calls", whole.finish_reason
    (call,) = whole.message.tool_calls
    assert call.id and call.function.name == "weather", call
    assert 1 <= len(json.loads(call.function.arguments)["city"]) <= 12, call

    pieces = []
    for chunk in ask(tools=TOOLS, tool_choice=FORCED, max_tokens=128, stream=True):
        for choice in chunk.choices:
            pieces += choice.delta.tool_calls or []
    assert all(piece.index == 0 for piece in pieces), pieces
    assert pieces[0].id and pieces[0].function.name == "weather", pieces[0]
    arguments = "".join(piece.function.arguments or "" for piece in pieces)
    assert 1 <= len(json.loads(arguments)["city"]) <= 12, arguments


@answer
def log_probabilities_belong_to_the_text() -> None:
    whole = ask(logprobs=True, top_logprobs=2, max_tokens=4).choices[0]
    tokens = whole.logprobs.content
    assert tokens and all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens), tokens
    text = b"".join(bytes(token.bytes) for token in tokens).decode()
    assert text.startswith(whole.message.content), (text, whole.message.content)


@answer
def a_completion_has_text_reason_and_usage() -> None:
    whole = ask(max_tokens=8)
    assert whole.object == "chat.completion" and whole.model == MODEL, whole
    assert [choice.index for choice in whole.choices] == [0]
    assert whole.choices[0].message.role == "assistant" and whole.choices[0].message.content
    assert whole.choices[0].finish_reason in ("stop", "length")
    assert 0 < whole.usage.completion_tokens <= 8 and whole.usage.prompt_tokens > 0
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens


@answer
def a_stream_says_what_the_whole_answer_says() -> None:
    whole = ask()
    text, reasons, chunks = read(ask(stream=True))
    assert text == whole.choices[0].message.content, (text, whole.choices[0].message.content)
    assert reasons == [whole.choices[0].finish_reason]
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.object == "chat.completion.chunk" and chunk.choices for chunk in chunks)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert all(chunk.usage is None for chunk in chunks), "usage that was not asked for"


@answer
def the_client_s_own_accumulator_agrees() -> None:
    # Ended by a stop sequence: an answer that ends with "length" is an error to this method.
    stop = middle_word(ask())
    whole = ask(stop=stop)
    with client.chat.completions.stream(model=MODEL, messages=STORY, temperature=0, max_tokens=24, stop=stop) as stream:
        final = stream.get_final_completion().choices[0]
    assert final.message.content == whole.choices[0].message.content
    assert final.finish_reason == "stop"


@answer
def usage_comes_once_and_on_request() -> None:
    whole = ask()
    _, _, chunks = read(ask(stream=True, stream_options={"include_usage": True}))
    with_usage = [chunk for chunk in chunks if chunk.usage is not None]
    assert with_usage == [chunks[-1]], "usage stands on the last chunk alone"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


@answer
def the_raw_stream_is_well_formed() -> None:
    body = {"model": MODEL, "messages": STORY, "temperature": 0, "max_tokens": 24}
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    response, raw = request("/chat/completions", body)
    assert response.status == 200, response.status
    assert (response.getheader("content-type") or "").startswith("text/event-stream")
    assert response.getheader("x-decentral-job-id") and response.getheader("x-decentral-escrow-signature")
    text = raw.decode("utf-8")
    assert "\r" not in text and text.endswith("\n\n")
    lines = [line for line in text.split("\n") if line and not line.startswith(":")]
    assert all(line.startswith("data: ") for line in lines), lines
    assert lines[-1] == "data: [DONE]" and lines.count("data: [DONE]") == 1
    chunks = [json.loads(line[len("data: ") :]) for line in lines[:-1]]
    assert sum(chunk["choices"] == [] for chunk in chunks) == 1, "one chunk without choices: the usage"
    assert sum(1 for chunk in chunks for choice in chunk["choices"] if choice["finish_reason"]) == 1
    assert sum("decentral" in chunk for chunk in chunks) == 1, "the receipt stands on one chunk"


@answer
def stop_sequences_end_the_text_before_them() -> None:
    whole = ask().choices[0].message.content
    stop = middle_word(ask())
    expected = whole[: whole.index(stop)]
    cut = ask(stop=stop).choices[0]
    assert (cut.message.content, cut.finish_reason) == (expected, "stop"), (cut, expected)
    text, reasons, _ = read(ask(stop=["never to be seen", stop], stream=True))
    assert (text, reasons) == (expected, ["stop"])


@answer
def a_seed_makes_chance_repeatable() -> None:
    def roll(seed: int) -> str:
        return str(ask(temperature=1.0, seed=seed, max_tokens=16).choices[0].message.content)

    rolls = {seed: roll(seed) for seed in (1, 2, 3)}
    assert {seed: roll(seed) for seed in rolls} == rolls
    assert len(set(rolls.values())) > 1, "every seed gives the same text"


@answer
def max_tokens_ends_with_length() -> None:
    for parameter in ("max_tokens", "max_completion_tokens"):
        limit: dict[str, Any] = {parameter: 3}
        cut: Any = client.chat.completions.create(model=MODEL, messages=STORY, **limit)
        assert cut.choices[0].finish_reason == "length"
        assert cut.usage.completion_tokens == 3


@answer
def connections_serve_many_requests() -> None:
    opened = []
    connect = socket.create_connection

    def counting(*arguments: Any, **more: Any) -> socket.socket:
        opened.append(arguments[0])
        return connect(*arguments, **more)

    socket.create_connection = counting
    try:
        with OpenAI(max_retries=0, timeout=TIMEOUT) as fresh:
            for _ in range(3):
                fresh.models.list()
                fresh.chat.completions.create(model=MODEL, messages=STORY, max_tokens=2)
                try:
                    fresh.chat.completions.create(model="no-such-model", messages=STORY)
                    raise AssertionError("not refused")
                except openai.NotFoundError:
                    pass
    finally:
        socket.create_connection = connect
    assert len(opened) == 1, opened


@answer
def a_connection_outlives_a_stream() -> None:
    # Without the client, which stops reading at [DONE] and so gives the connection up.
    url = urllib.parse.urlsplit(BASE_URL)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)
    connection.connect()
    connection.auto_open = 0
    body = json.dumps({"model": MODEL, "messages": STORY, "max_tokens": 2, "stream": True})
    headers = {"authorization": "Bearer " + API_KEY, "content-type": "application/json"}
    for _ in range(2):
        connection.request("POST", url.path + "/chat/completions", body, headers)
        assert connection.getresponse().read().endswith(b"data: [DONE]\n\n")
        connection.request("GET", url.path + "/models", headers=headers)
        assert connection.getresponse().read()


@answer
def a_stream_left_early_frees_the_slot_and_costs_what_was_sent() -> None:
    stream = ask(stream=True, max_tokens=700, temperature=1.0)
    job = stream.response.headers["x-decentral-job-id"]
    for _ in range(3):
        next(stream)
    stream.close()
    deadline = time.monotonic() + 60
    while True:
        try:
            assert ask(max_tokens=2).choices[0].message.content
            break
        except openai.InternalServerError as error:
            # The moment between the client's leaving and the worker's last frame.
            assert error.status_code == 503 and time.monotonic() < deadline, error
    left = json.loads(request(f"/jobs/{job}/receipt")[1])
    assert left["summary"]["tokens"]["output"] < 350, left["summary"]


def main() -> int:
    failed = False
    for function in {"refusals": refusals, "answers": answers}[sys.argv[1]]:
        why = None
        try:
            function()
        except Exception:  # noqa: BLE001 - one failed check must not keep the others from being run
            why = traceback.format_exc()
            failed = True
        print(json.dumps({"check": function.__name__, "error": why}), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
