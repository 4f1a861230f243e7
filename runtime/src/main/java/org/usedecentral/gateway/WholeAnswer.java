package org.usedecentral.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.Finished;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationEvent.ToolCallDelta;
import org.usedecentral.spi.inference.TokenInfo;

/** Collects a generation and encodes it as one of OpenAI's chat completions. One thread. */
final class WholeAnswer {
    /** Characters of output, all together: far above what any context holds, and still bounded. */
    private static final int MAX_CHARACTERS = 32 * 1024 * 1024;

    private static final int MAX_CALLS = 128;

    private final AnswerHead head;
    private final TreeMap<Integer, Choice> choices = new TreeMap<>();
    private long characters;

    WholeAnswer(AnswerHead head) {
        this.head = head;
    }

    private static final class Choice {
        final StringBuilder text = new StringBuilder();
        final StringBuilder reasoning = new StringBuilder();
        final StringBuilder refusal = new StringBuilder();
        final List<TokenInfo> textTokens = new ArrayList<>();
        final List<TokenInfo> refusalTokens = new ArrayList<>();
        final List<Call> calls = new ArrayList<>();
    }

    private static final class Call {
        @Nullable String id;

        @Nullable String name;

        final StringBuilder arguments = new StringBuilder();
    }

    void add(GenerationEvent event) {
        switch (event) {
            case TextDelta text -> add(text);
            case ToolCallDelta call -> add(call);
            case Finished _ -> throw new IllegalArgumentException("the end is not a piece");
        }
    }

    private void add(TextDelta delta) {
        count(delta.text());
        Choice choice = choice(delta.choice());
        switch (delta.kind()) {
            case TEXT -> {
                choice.text.append(delta.text());
                choice.textTokens.addAll(delta.info());
            }
            case REASONING -> choice.reasoning.append(delta.text());
            case REFUSAL -> {
                choice.refusal.append(delta.text());
                choice.refusalTokens.addAll(delta.info());
            }
            case CALL_ID, CALL_NAME, CALL_ARGUMENTS, LOGPROBS, F32 ->
                throw new DecentralException(ErrorCode.INTERNAL, "a text event of kind " + delta.kind());
        }
    }

    private void add(ToolCallDelta delta) {
        count(delta.arguments());
        List<Call> calls = choice(delta.choice()).calls;
        if (delta.index() > calls.size() || delta.index() >= MAX_CALLS) {
            throw new DecentralException(ErrorCode.INTERNAL, "tool call " + delta.index() + " after " + calls.size());
        }
        if (delta.index() == calls.size()) {
            calls.add(new Call());
        }
        Call call = calls.get(delta.index());
        call.id = delta.id() == null ? call.id : delta.id();
        call.name = delta.name() == null ? call.name : delta.name();
        call.arguments.append(delta.arguments());
    }

    private void count(String text) {
        characters += text.length();
        if (characters > MAX_CHARACTERS) {
            throw new DecentralException(
                    ErrorCode.INTERNAL, "the output is above " + MAX_CHARACTERS + " characters: ask for a stream");
        }
    }

    private Choice choice(int index) {
        return choices.computeIfAbsent(index, i -> new Choice());
    }

    /** The whole answer as JSON. */
    byte[] end(Finished finished, SignedReceipt receipt) {
        JsonBytes out = new JsonBytes((int) Math.min(characters + 4_096, MAX_CHARACTERS));
        out.raw(head.json("chat.completion")).raw(",\"choices\":[");
        for (int i = 0; i < finished.reasons().size(); i++) {
            Choice choice = choice(i);
            out.raw(i == 0 ? "{\"index\":" : ",{\"index\":").number(i);
            message(out, choice);
            out.raw(",\"logprobs\":");
            logprobs(out, choice);
            out.raw(",\"finish_reason\":\"")
                    .raw(finished.reasons().get(i).wireName())
                    .raw("\"}");
        }
        out.raw("],\"usage\":");
        AnswerJson.usage(out, finished.usage());
        out.raw(",\"decentral\":").raw(ReceiptJson.write(receipt)).raw("}");
        return out.toByteArray();
    }

    private static void message(JsonBytes out, Choice choice) {
        out.raw(",\"message\":{\"role\":\"assistant\",\"content\":");
        boolean noText = choice.text.isEmpty() && !(choice.calls.isEmpty() && choice.refusal.isEmpty());
        textOrNull(out, choice.text, noText);
        out.raw(",\"refusal\":");
        textOrNull(out, choice.refusal, choice.refusal.isEmpty());
        if (!choice.reasoning.isEmpty()) {
            out.raw(",\"reasoning_content\":").quoted(choice.reasoning);
        }
        for (int i = 0; i < choice.calls.size(); i++) {
            Call call = choice.calls.get(i);
            out.raw(i == 0 ? ",\"tool_calls\":[" : ",").raw("{\"id\":").quoted(call.id == null ? "" : call.id);
            out.raw(",\"type\":\"function\",\"function\":{\"name\":").quoted(call.name == null ? "" : call.name);
            out.raw(",\"arguments\":").quoted(call.arguments).raw("}}");
        }
        out.raw(choice.calls.isEmpty() ? "}" : "]}");
    }

    private static void textOrNull(JsonBytes out, StringBuilder text, boolean absent) {
        if (absent) {
            out.raw("null");
        } else {
            out.quoted(text);
        }
    }

    private static void logprobs(JsonBytes out, Choice choice) {
        if (choice.textTokens.isEmpty() && choice.refusalTokens.isEmpty()) {
            out.raw("null");
            return;
        }
        out.raw("{\"content\":");
        AnswerJson.tokens(out, choice.textTokens);
        out.raw(",\"refusal\":");
        if (choice.refusalTokens.isEmpty()) {
            out.raw("null");
        } else {
            AnswerJson.tokens(out, choice.refusalTokens);
        }
        out.raw("}");
    }
}
