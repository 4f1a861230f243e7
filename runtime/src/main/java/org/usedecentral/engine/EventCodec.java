package org.usedecentral.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.inference.Usage;

/** Events in a frame. Stateless. */
final class EventCodec {
    /** One token of text of the first choice: what nearly every event is. */
    private static final int TOKEN = 0;

    private static final int TEXT = 1;
    private static final int CALL = 2;
    private static final int FINISHED = 3;
    private static final int DEEPEST_INFO = 2;

    private EventCodec() {}

    static void write(FrameOut out, GenerationEvent event) {
        switch (event) {
            case GenerationEvent.TextDelta delta -> {
                if (delta.choice() == 0
                        && delta.kind() == PartKind.TEXT
                        && delta.tokens() == 1
                        && delta.info().isEmpty()) {
                    out.putByte(TOKEN).putText(delta.text());
                } else {
                    out.putByte(TEXT)
                            .putNumber(delta.choice())
                            .putNumber(delta.kind().code());
                    out.putText(delta.text()).putNumber(delta.tokens());
                    writeInfo(out, delta.info());
                }
            }
            case GenerationEvent.ToolCallDelta call ->
                out.putByte(CALL)
                        .putNumber(call.choice())
                        .putNumber(call.index())
                        .putOptional(call.id())
                        .putOptional(call.name())
                        .putText(call.arguments())
                        .putNumber(call.tokens());
            case GenerationEvent.Finished end -> {
                out.putByte(FINISHED).putNumber(end.reasons().size());
                for (FinishReason reason : end.reasons()) {
                    out.putNumber(reason.code());
                }
                writeUsage(out, end.usage());
            }
        }
    }

    static GenerationEvent read(FrameIn in) throws IOException {
        try {
            return switch (in.getByte()) {
                case TOKEN -> new GenerationEvent.TextDelta(0, PartKind.TEXT, in.getText(), 1, List.of());
                case TEXT ->
                    new GenerationEvent.TextDelta(
                            in.getNumber(),
                            PartKind.of(in.getNumber()),
                            in.getText(),
                            in.getNumber(),
                            readInfo(in, DEEPEST_INFO));
                case CALL ->
                    new GenerationEvent.ToolCallDelta(
                            in.getNumber(),
                            in.getNumber(),
                            in.getOptional(),
                            in.getOptional(),
                            in.getText(),
                            in.getNumber());
                case FINISHED -> {
                    List<FinishReason> reasons = new ArrayList<>();
                    for (int left = in.getCount(); left > 0; left--) {
                        reasons.add(FinishReason.of(in.getNumber()));
                    }
                    yield new GenerationEvent.Finished(reasons, readUsage(in));
                }
                default -> throw new IOException("no event of that kind");
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("an event that cannot be: " + e.getMessage(), e);
        }
    }

    private static void writeInfo(FrameOut out, List<TokenInfo> info) {
        out.putNumber(info.size());
        for (TokenInfo token : info) {
            out.putNumber(token.id() + 1).putBytes(token.bytes().toByteArray()).putDouble(token.logProbability());
            writeInfo(out, token.alternatives());
        }
    }

    private static List<TokenInfo> readInfo(FrameIn in, int deepest) throws IOException {
        int count = in.getCount();
        if (count > 0 && deepest == 0) {
            throw new IOException("alternatives of alternatives");
        }
        List<TokenInfo> info = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            info.add(new TokenInfo(
                    in.getNumber() - 1, Bytes.of(in.getBytes()), in.getDouble(), readInfo(in, deepest - 1)));
        }
        return info;
    }

    static void writeUsage(FrameOut out, Usage usage) {
        out.putNumber(usage.inputTokens())
                .putNumber(usage.outputTokens())
                .putNumber(usage.cachedInputTokens())
                .putNumber(usage.reasoningTokens());
    }

    static Usage readUsage(FrameIn in) throws IOException {
        return new Usage(in.getNumber(), in.getNumber(), in.getNumber(), in.getNumber());
    }
}
