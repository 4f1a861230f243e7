// OpenAI's own client for Node against a gateway with one slot: the same checks as in python/official.py, which says how
// it is called and what it prints.
import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import http from "node:http";
import OpenAI from "openai";

const MODEL = process.env.MODEL;
const STORY = [{ role: "user", content: "Tell me a story about a lighthouse." }];
const PARAMETERS = {
  type: "object",
  properties: { city: { type: "string", minLength: 1, maxLength: 12 } },
  required: ["city"],
  additionalProperties: false,
};
const TOOLS = [{ type: "function", function: { name: "weather", parameters: PARAMETERS } }];
const FORCED = { tools: TOOLS, tool_choice: { type: "function", function: { name: "weather" } }, max_tokens: 128 };
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const TIMEOUT = 120_000;

// Retries would hide what a gateway refuses.
const client = new OpenAI({ maxRetries: 0, timeout: TIMEOUT });
const refusals = {};
const answers = {};

/** Asks without the client, for the bytes themselves. */
function request(path, body, { agent = false, sockets = new Set() } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      process.env.OPENAI_BASE_URL + path,
      {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: "Bearer " + process.env.OPENAI_API_KEY, "content-type": "application/json" },
        timeout: TIMEOUT,
        agent,
      },
      (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() }),
        );
        response.on("error", reject);
      },
    );
    sent.on("socket", (socket) => sockets.add(socket));
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function credits() {
  return JSON.parse((await request("/credits")).text);
}

function ask(more) {
  return client.chat.completions.create({ model: MODEL, messages: STORY, temperature: 0, max_tokens: 24, ...more });
}

/** The text, the finish reasons and the chunks of a stream that is read to its end. */
async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map((choice) => choice.delta.content ?? "").join(""),
    reasons: choices.map((choice) => choice.finish_reason).filter((reason) => reason !== null),
    chunks,
  };
}

function middleWord(text) {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words[Math.floor(words.length / 2)];
}

/** The error of a call that must fail, as the client's exception, with no money moved. */
async function refused(kind, status, code, call) {
  const before = await credits();
  assert.equal(before.locked, 0, "a job is under way");
  let error;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  assert.equal(error?.constructor, kind, String(error));
  assert.equal(error.status, status);
  if (code !== null) assert.equal(error.code, code);
  assert.ok(error.message);
  assert.deepEqual(await credits(), before, "money moved");
  return error;
}

refusals.models_are_listed = async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  assert.ok(models.includes(MODEL), models.join());
  assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
};

refusals.a_wrong_key_is_an_authentication_error = async () => {
  for (const apiKey of ["dk-wrong", "sk-" + "0".repeat(48)]) {
    const other = new OpenAI({ apiKey, maxRetries: 0 });
    await refused(OpenAI.AuthenticationError, 401, "invalid_api_key", () => other.models.list());
  }
};

refusals.an_unknown_model_is_not_found = async () => {
  const unknown = { model: "no-such-model" };
  await refused(OpenAI.NotFoundError, 404, "model_not_found", () => ask(unknown));
  await refused(OpenAI.NotFoundError, 404, "model_not_found", () => ask({ ...unknown, stream: true }));
  await refused(OpenAI.NotFoundError, 404, null, () => client.models.retrieve("no-such-model"));
};

refusals.bad_parameters_are_named = async () => {
  const cases = { temperature: 9, messages: [], frobnicate: 1, max_tokens: 0 };
  for (const [parameter, value] of Object.entries(cases)) {
    for (const stream of [false, true]) {
      const error = await refused(OpenAI.BadRequestError, 400, null, () => ask({ [parameter]: value, stream }));
      assert.equal(error.param, parameter);
    }
  }
};

refusals.images_on_a_model_without_them_are_refused = () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } };
  const messages = [{ role: "user", content: [{ type: "text", text: "What is this?" }, image] }];
  return refused(OpenAI.BadRequestError, 400, "unsupported_feature", () => ask({ messages }));
};

answers.a_forced_call_has_arguments_of_its_schema = async () => {
  const [choice] = (await ask(FORCED)).choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.tool_calls.length, 1);
  assert.equal(choice.message.tool_calls[0].function.name, "weather");
  assert.equal(typeof JSON.parse(choice.message.tool_calls[0].function.arguments).city, "string");

  const pieces = [];
  for await (const chunk of await ask({ ...FORCED, stream: true })) {
    for (const { delta } of chunk.choices) pieces.push(...(delta.tool_calls ?? []));
  }
  assert.ok(pieces.every((piece) => piece.index === 0));
  assert.ok(pieces[0].id);
  assert.equal(pieces[0].function.name, "weather");
  const city = JSON.parse(pieces.map((piece) => piece.function.arguments ?? "").join("")).city;
  assert.ok(city.length >= 1 && city.length <= 12, city);
};

refusals.a_prompt_beyond_the_context_is_refused_before_any_lock = async () => {
  const messages = [{ role: "user", content: "lighthouse ".repeat(4000) }];
  for (const stream of [false, true]) {
    await refused(OpenAI.BadRequestError, 400, "context_length_exceeded", () => ask({ messages, stream }));
  }
};

answers.log_probabilities_belong_to_the_text = async () => {
  const [choice] = (await ask({ logprobs: true, top_logprobs: 2, max_tokens: 4 })).choices;
  const tokens = choice.logprobs.content;
  assert.ok(tokens.length > 0);
  assert.ok(tokens.every((token) => token.logprob <= 0 && token.top_logprobs.length === 2));
  const text = Buffer.from(tokens.flatMap((token) => token.bytes)).toString();
  assert.ok(text.startsWith(choice.message.content), text);
};

answers.a_completion_has_text_reason_and_usage = async () => {
  const whole = await ask({ max_tokens: 8 });
  assert.equal(whole.object, "chat.completion");
  assert.equal(whole.model, MODEL);
  assert.deepEqual(whole.choices.map((choice) => choice.index), [0]);
  assert.equal(whole.choices[0].message.role, "assistant");
  assert.ok(whole.choices[0].message.content);
  assert.ok(["stop", "length"].includes(whole.choices[0].finish_reason));
  const { prompt_tokens, completion_tokens, total_tokens } = whole.usage;
  assert.ok(prompt_tokens > 0 && completion_tokens > 0 && completion_tokens <= 8);
  assert.equal(total_tokens, prompt_tokens + completion_tokens);
};

answers.a_stream_says_what_the_whole_answer_says = async () => {
  const whole = await ask();
  const { text, reasons, chunks } = await read(await ask({ stream: true }));
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(reasons, [whole.choices[0].finish_reason]);
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
  assert.ok(chunks.every((chunk) => chunk.object === "chat.completion.chunk" && chunk.choices.length > 0));
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.ok(chunks.every((chunk) => !chunk.usage), "usage that was not asked for");
};

answers.the_client_s_own_accumulator_agrees = async () => {
  const stop = middleWord((await ask()).choices[0].message.content);
  const whole = await ask({ stop });
  const wanted = { model: MODEL, messages: STORY, temperature: 0, max_tokens: 24, stop };
  const accumulated = await client.chat.completions.stream(wanted).finalContent();
  assert.equal(accumulated, whole.choices[0].message.content);
};

answers.usage_comes_once_and_on_request = async () => {
  const whole = await ask();
  const { chunks } = await read(await ask({ stream: true, stream_options: { include_usage: true } }));
  assert.deepEqual(chunks.filter((chunk) => chunk.usage), [chunks.at(-1)], "usage stands on the last chunk alone");
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.total_tokens, whole.usage.total_tokens);
};

answers.the_raw_stream_is_well_formed = async () => {
  const body = { model: MODEL, messages: STORY, temperature: 0, max_tokens: 24 };
  const { status, headers, text } = await request("/chat/completions", {
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.equal(status, 200);
  assert.match(headers["content-type"], /^text\/event-stream/);
  assert.ok(headers["x-decentral-job-id"] && headers["x-decentral-escrow-signature"]);
  assert.ok(!text.includes("\r") && text.endsWith("\n\n"));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith(":"));
  assert.ok(lines.every((line) => line.startsWith("data: ")), text);
  assert.equal(lines.at(-1), "data: [DONE]");
  assert.equal(lines.filter((line) => line === "data: [DONE]").length, 1);
  const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice("data: ".length)));
  assert.equal(chunks.filter((chunk) => chunk.choices.length === 0).length, 1, "one chunk without choices: the usage");
  assert.equal(chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.finish_reason).length, 1);
  assert.equal(chunks.filter((chunk) => "decentral" in chunk).length, 1, "the receipt stands on one chunk");
};

answers.stop_sequences_end_the_text_before_them = async () => {
  const whole = (await ask()).choices[0].message.content;
  const stop = middleWord(whole);
  const expected = whole.slice(0, whole.indexOf(stop));
  const cut = (await ask({ stop })).choices[0];
  assert.equal(cut.message.content, expected);
  assert.equal(cut.finish_reason, "stop");
  const { text, reasons } = await read(await ask({ stop: ["never to be seen", stop], stream: true }));
  assert.equal(text, expected);
  assert.deepEqual(reasons, ["stop"]);
};

answers.a_seed_makes_chance_repeatable = async () => {
  const roll = async (seed) => (await ask({ temperature: 1, seed, max_tokens: 16 })).choices[0].message.content;
  const rolls = [];
  for (const seed of [1, 2, 3]) rolls.push(await roll(seed));
  for (const seed of [1, 2, 3]) assert.equal(await roll(seed), rolls[seed - 1]);
  assert.ok(new Set(rolls).size > 1, "every seed gives the same text");
};

answers.max_tokens_ends_with_length = async () => {
  for (const parameter of ["max_tokens", "max_completion_tokens"]) {
    const cut = await client.chat.completions.create({ model: MODEL, messages: STORY, [parameter]: 3 });
    assert.equal(cut.choices[0].finish_reason, "length");
    assert.equal(cut.usage.completion_tokens, 3);
  }
};

answers.connections_serve_many_requests = async () => {
  // Of this client's own, because those that the checks before left open would serve it too.
  let opened = 0;
  const count = () => (opened += 1);
  diagnostics.subscribe("undici:client:connected", count);
  try {
    // A host name that no check before has used.
    const baseURL = process.env.OPENAI_BASE_URL.replace("127.0.0.1", "localhost");
    const fresh = new OpenAI({ baseURL, maxRetries: 0, timeout: TIMEOUT });
    for (let round = 0; round < 3; round++) {
      for await (const model of fresh.models.list()) assert.ok(model.id);
      await fresh.chat.completions.create({ model: MODEL, messages: STORY, max_tokens: 2 });
      const unknown = { model: "no-such-model", messages: STORY };
      await assert.rejects(() => fresh.chat.completions.create(unknown), OpenAI.NotFoundError);
    }
  } finally {
    diagnostics.unsubscribe("undici:client:connected", count);
  }
  // Node may ask for the next answer a moment before it notes that the connection is free.
  assert.ok(opened === 1 || opened === 2, `${opened} connections for 9 requests`);
};

answers.a_connection_outlives_a_stream = async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set();
  const body = { model: MODEL, messages: STORY, max_tokens: 2, stream: true };
  for (let round = 0; round < 2; round++) {
    const { text } = await request("/chat/completions", body, { agent, sockets });
    assert.ok(text.endsWith("data: [DONE]\n\n"));
    await request("/models", undefined, { agent, sockets });
  }
  agent.destroy();
  assert.equal(sockets.size, 1);
};

answers.a_stream_left_early_frees_the_slot_and_costs_what_was_sent = async () => {
  const { data: stream, response } = await ask({ stream: true, max_tokens: 700, temperature: 1 }).withResponse();
  const job = response.headers.get("x-decentral-job-id");
  let seen = 0;
  for await (const _ of stream) {
    if (++seen === 3) break;
  }
  const deadline = performance.now() + 60_000;
  for (let free = false; !free; ) {
    try {
      assert.ok((await ask({ max_tokens: 2 })).choices[0].message.content);
      free = true;
    } catch (error) {
      // The moment between the client's leaving and the worker's last frame.
      if (error.status !== 503 || performance.now() > deadline) throw error;
    }
  }
  const left = JSON.parse((await request(`/jobs/${job}/receipt`)).text);
  assert.ok(left.summary.tokens.output < 350, JSON.stringify(left.summary));
};

let failed = false;
for (const [check, run] of Object.entries({ refusals, answers }[process.argv[2]])) {
  let error = null;
  try {
    await run();
  } catch (thrown) {
    error = thrown.stack;
    failed = true;
  }
  console.log(JSON.stringify({ check, error }));
}
process.exitCode = failed ? 1 : 0;
