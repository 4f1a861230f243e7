package org.usedecentral.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.TokenInfo;

/**
 * The bytes of a LOGPROBS record (docs/protocol.md, section 9): for each token u32 id, f64 log probability, u16 length, bytes, u8 count of alternatives,
 * and these alike without a count.
 */
final class TokenInfos {
    /** As many as OpenAI's API can ask for. */
    static final int MAX_ALTERNATIVES = 20;

    private static final int HEAD = 4 + 8 + 2;
    private static final int MAX_BYTES = 0xffff;

    private TokenInfos() {}

    static byte[] encode(List<TokenInfo> infos) {
        int length = 0;
        for (TokenInfo info : infos) {
            if (info.alternatives().size() > MAX_ALTERNATIVES) {
                throw broken("a token with " + info.alternatives().size() + " alternatives");
            }
            length += HEAD + info.bytes().length() + 1;
            for (TokenInfo alternative : info.alternatives()) {
                length += HEAD + alternative.bytes().length();
            }
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        for (TokenInfo info : infos) {
            put(out, info);
            out.put((byte) info.alternatives().size());
            info.alternatives().forEach(alternative -> put(out, alternative));
        }
        return out.array();
    }

    private static void put(ByteBuffer out, TokenInfo info) {
        if (Double.isNaN(info.logProbability()) || info.bytes().length() > MAX_BYTES) {
            throw broken("a token of " + info.bytes().length() + " bytes and log probability " + info.logProbability());
        }
        // Engines that add floats up may end a hair above zero, which readers refuse.
        out.putInt(info.id()).putDouble(Math.min(0, info.logProbability()));
        out.putShort((short) info.bytes().length());
        info.bytes().writeTo(out);
    }

    /** The engine's fault: the worker says so, and the orchestrator tries another one. */
    private static DecentralException broken(String what) {
        return new DecentralException(ErrorCode.INTERNAL, "the engine gave " + what);
    }

    /**
     * Reads what {@code in} has left.
     *
     * @param most so many tokens, at most
     * @throws DecentralException {@code PROOF_INVALID} if it is anything but a list of tokens
     */
    static List<TokenInfo> decode(ByteBuffer in, int most) {
        List<TokenInfo> infos = new ArrayList<>();
        while (in.hasRemaining()) {
            if (infos.size() == most) {
                throw malformed("more tokens than the frame counts");
            }
            Token token = token(in);
            int count = room(in, 1).get() & 0xff;
            if (count > MAX_ALTERNATIVES) {
                throw malformed(count + " alternatives");
            }
            List<TokenInfo> alternatives = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                alternatives.add(token(in).with(List.of()));
            }
            infos.add(token.with(alternatives));
        }
        if (infos.isEmpty()) {
            throw malformed("no token");
        }
        return infos;
    }

    private record Token(int id, double logProbability, Bytes bytes) {
        TokenInfo with(List<TokenInfo> alternatives) {
            return new TokenInfo(id, bytes, logProbability, alternatives);
        }
    }

    private static Token token(ByteBuffer in) {
        room(in, HEAD);
        int id = in.getInt();
        double logProbability = in.getDouble();
        if (id < TokenInfo.UNKNOWN_ID || !(logProbability <= 0)) {
            throw malformed("token " + id + " of log probability " + logProbability);
        }
        byte[] bytes = new byte[in.getShort() & MAX_BYTES];
        room(in, bytes.length).get(bytes);
        return new Token(id, logProbability, Bytes.of(bytes));
    }

    private static ByteBuffer room(ByteBuffer in, int length) {
        if (in.remaining() < length) {
            throw malformed("a token that ends early");
        }
        return in;
    }

    private static DecentralException malformed(String what) {
        return new DecentralException(ErrorCode.PROOF_INVALID, "log probabilities with " + what);
    }
}
