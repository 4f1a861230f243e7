package org.usedecentral.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;
import org.usedecentral.spi.inference.TokenInfo;
import org.usedecentral.spi.proof.ProofScheme.Transcript;

/** Reads and hashes the records of TOKENS frames; the orchestrator's end of a lane. One thread at a time. */
final class RecordReader {
    private final Transcript transcript;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

    RecordReader(Transcript transcript) {
        this.transcript = transcript;
    }

    /**
     * Adds the events of one frame's records; the first one counts the frame's tokens. All of them are read before any is handed on: a frame that is bad at
     * its end has delivered nothing.
     *
     * @throws DecentralException {@code PROOF_INVALID} if the records are not the protocol's, {@code UNSUPPORTED_FEATURE} for a kind that is not relayed
     */
    void read(byte[] records, int length, int tokens, List<GenerationEvent> events) {
        ByteBuffer in = ByteBuffer.wrap(records, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        Infos infos = null;
        int infoTokens = 0;
        while (in.hasRemaining()) {
            if (in.remaining() < SealedFrame.RECORD_HEAD) {
                throw malformed("a record ends early");
            }
            Part part = part(in.get(), in.get() & 0xff, in.getShort() & 0xffff);
            int size = in.getInt();
            if (size < 0 || size > in.remaining()) {
                throw malformed("a record ends early");
            }
            if (infos != null && !infos.belongTo(part)) {
                throw malformed("log probabilities without the text they belong to");
            }
            transcript.append(part, records, in.position(), size);
            if (part.kind() == PartKind.LOGPROBS) {
                List<TokenInfo> decoded = TokenInfos.decode(slice(in, size), tokens - infoTokens);
                infoTokens += decoded.size();
                infos = new Infos(part.choice(), decoded);
            } else {
                add(events, event(part, text(in, size), events.isEmpty() ? tokens : 0, infos));
                infos = null;
            }
        }
        if (infos != null) {
            throw malformed("log probabilities without the text they belong to");
        }
    }

    /** Log probabilities whose text follows. */
    private record Infos(int choice, List<TokenInfo> tokens) {
        boolean belongTo(Part part) {
            return part.choice() == choice
                    && (part.kind() == PartKind.TEXT
                            || part.kind() == PartKind.REASONING
                            || part.kind() == PartKind.REFUSAL);
        }
    }

    private static ByteBuffer slice(ByteBuffer in, int size) {
        ByteBuffer slice = in.slice(in.position(), size).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + size);
        return slice;
    }

    private static Part part(int kind, int choice, int index) {
        try {
            return Part.of(choice, PartKind.of(kind), index);
        } catch (IllegalArgumentException e) {
            throw new DecentralException(ErrorCode.PROOF_INVALID, "a record of unknown kind", e);
        }
    }

    /** Strict, so that what the client reads is exactly what was hashed. */
    private String text(ByteBuffer in, int size) {
        try {
            return utf8.decode(slice(in, size)).toString();
        } catch (CharacterCodingException e) {
            throw new DecentralException(ErrorCode.PROOF_INVALID, "output that is not UTF-8", e);
        }
    }

    private static GenerationEvent event(Part part, String text, int tokens, @Nullable Infos infos) {
        return switch (part.kind()) {
            case TEXT, REASONING, REFUSAL ->
                new GenerationEvent.TextDelta(
                        part.choice(), part.kind(), text, tokens, infos == null ? List.of() : infos.tokens());
            case CALL_ID -> new GenerationEvent.ToolCallDelta(part.choice(), part.index(), text, null, "", tokens);
            case CALL_NAME -> new GenerationEvent.ToolCallDelta(part.choice(), part.index(), null, text, "", tokens);
            case CALL_ARGUMENTS ->
                new GenerationEvent.ToolCallDelta(part.choice(), part.index(), null, null, text, tokens);
            case LOGPROBS, F32 -> throw DecentralException.unsupported("output of kind " + part.kind());
        };
    }

    /** The first piece of a call carries id and name, as the engine gave them: their records follow one another. */
    private static void add(List<GenerationEvent> events, GenerationEvent event) {
        if (event instanceof GenerationEvent.ToolCallDelta next
                && !events.isEmpty()
                && events.getLast() instanceof GenerationEvent.ToolCallDelta last
                && last.choice() == next.choice()
                && last.index() == next.index()
                && last.arguments().isEmpty()
                && next.id() == null
                && (last.name() == null || next.name() == null)) {
            String name = last.name() == null ? next.name() : last.name();
            events.set(
                    events.size() - 1,
                    new GenerationEvent.ToolCallDelta(
                            last.choice(), last.index(), last.id(), name, next.arguments(), last.tokens()));
        } else {
            events.add(event);
        }
    }

    private static DecentralException malformed(String what) {
        return new DecentralException(ErrorCode.PROOF_INVALID, what);
    }
}
