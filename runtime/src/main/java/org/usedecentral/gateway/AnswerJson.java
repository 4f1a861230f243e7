package org.usedecentral.gateway;

import java.util.List;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.Usage;

/** The pieces of OpenAI's answers that streams and whole answers share. Stateless. */
final class AnswerJson {
    private AnswerJson() {}

    static void usage(JsonBytes json, Usage usage) {
        json.raw("{\"prompt_tokens\":").number(usage.inputTokens());
        json.raw(",\"completion_tokens\":").number(usage.outputTokens());
        json.raw(",\"total_tokens\":").number(usage.totalTokens());
        json.raw(",\"prompt_tokens_details\":{\"cached_tokens\":").number(usage.cachedInputTokens());
        json.raw("},\"completion_tokens_details\":{\"reasoning_tokens\":").number(usage.reasoningTokens());
        json.raw("}}");
    }

    /** An array of tokens with their alternatives. */
    static void tokens(JsonBytes json, List<TokenInfo> infos) {
        json.raw("[");
        for (int i = 0; i < infos.size(); i++) {
            json.raw(i == 0 ? "{" : ",{");
            token(json, infos.get(i));
            json.raw(",\"top_logprobs\":[");
            List<TokenInfo> alternatives = infos.get(i).alternatives();
            for (int j = 0; j < alternatives.size(); j++) {
                json.raw(j == 0 ? "{" : ",{");
                token(json, alternatives.get(j));
                json.raw("}");
            }
            json.raw("]}");
        }
        json.raw("]");
    }

    private static void token(JsonBytes json, TokenInfo info) {
        json.raw("\"token\":").quoted(info.bytes().utf8());
        json.raw(",\"logprob\":").number(info.logProbability());
        json.raw(",\"bytes\":[");
        for (int i = 0; i < info.bytes().length(); i++) {
            json.raw(i == 0 ? "" : ",").number(info.bytes().get(i) & 0xff);
        }
        json.raw("]");
    }
}
