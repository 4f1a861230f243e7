package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * Text to tokens and back. {@link #tokenize} is for any thread while the model is open; {@link #piece} and
 * {@link #ends} are the loop's, which asks for the same tokens again and again and so keeps what it learnt.
 */
final class Vocabulary {
    private static final int FIRST_PIECE_BUFFER = 64;
    /** LLAMA_VOCAB_TYPE_BPE; most others put a space in front of a text. */
    private static final int BYTE_PAIRS = 2;

    private final LlamaApi api;
    private final MemorySegment vocab;
    private final @Nullable Piece[] pieces;
    private final boolean addsBos;
    private final boolean marksBeginnings;
    private final String bos;
    private final String eos;
    private MemorySegment buffer;

    private static final class Piece {
        private final byte[] bytes;

        Piece(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    Vocabulary(LlamaApi api, MemorySegment model, Arena arena) {
        this.api = api;
        this.vocab = api.vocab(model);
        if (api.vocabType(vocab) == 0) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "the model has no vocabulary");
        }
        this.pieces = new Piece[api.vocabSize(vocab)];
        this.addsBos = api.addsBos(vocab);
        this.marksBeginnings = api.vocabType(vocab) != BYTE_PAIRS;
        this.bos = special("llama_vocab_bos");
        this.eos = special("llama_vocab_eos");
        this.buffer = arena.allocate(FIRST_PIECE_BUFFER);
    }

    private String special(String function) {
        int token = api.specialToken(function, vocab);
        return token < 0 ? "" : api.tokenText(vocab, token);
    }

    int size() {
        return pieces.length;
    }

    /** The beginning-of-sequence token as templates write it; empty if the model has none. */
    String bos() {
        return bos;
    }

    /** The end-of-sequence token as templates write it; empty if the model has none. */
    String eos() {
        return eos;
    }

    /** The tokens of a rendered prompt; a beginning-of-sequence token is added only where the template did not. */
    int[] tokenize(String prompt) {
        boolean addSpecial = addsBos && (bos.isEmpty() || !prompt.startsWith(bos));
        return tokenize(prompt, new LlamaApi.Specials(addSpecial, true));
    }

    /**
     * The tokens of a prompt and of the beginning of its answer. Where a tokenizer treats the beginning of a text like
     * any other place, the answer is cut by itself, as the model wrote it: no token reaches across into the prompt, and
     * what looks like a special token is text.
     *
     * @param before the prompt's own tokens
     */
    int[] tokenize(String prompt, int[] before, String answer) {
        if (marksBeginnings) {
            return tokenize(prompt + answer);
        }
        int[] after = tokenize(answer, new LlamaApi.Specials(false, false));
        int[] both = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, both, before.length, after.length);
        return both;
    }

    private int[] tokenize(String string, LlamaApi.Specials specials) {
        byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
        // Every token stands for at least a byte, but for the few that the tokenizer adds.
        int room = utf8.length + 8;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(Math.max(1, utf8.length)).asSlice(0, utf8.length);
            MemorySegment.copy(utf8, 0, text, ValueLayout.JAVA_BYTE, 0, utf8.length);
            MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, room);
            int count = api.tokenize(vocab, text, tokens, specials);
            if (count < 0) {
                throw new IllegalStateException("the tokenizer made more tokens than the prompt has bytes");
            }
            return tokens.asSlice(0, (long) count * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
        }
    }

    /** The token's bytes, none for control tokens. Not to be changed. */
    byte[] piece(int token) {
        Piece known = pieces[token];
        if (known != null) {
            return known.bytes;
        }
        int length = api.tokenToPiece(vocab, token, buffer);
        if (length < 0) {
            buffer = Arena.ofAuto().allocate(-(long) length);
            length = api.tokenToPiece(vocab, token, buffer);
        }
        Piece piece = new Piece(buffer.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE));
        pieces[token] = piece;
        return piece.bytes;
    }

    /** True for tokens with which the model ends its turn. */
    boolean ends(int token) {
        return api.isEndOfGeneration(vocab, token);
    }
}
