package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Text to tokens and back. Thread-safe while the model is open; all but {@link #tokenize} also after that. */
final class Vocabulary {
    private static final int FIRST_PIECE_BUFFER = 64;
    /** LLAMA_VOCAB_TYPE_BPE; most others put a space in front of a text. */
    private static final int BYTE_PAIRS = 2;
    /** LLAMA_VOCAB_TYPE_WPM, of the BERT family: every text begins and ends with a special token. */
    private static final int WORD_PIECES = 3;

    private final LlamaApi api;
    private final MemorySegment vocab;
    private final byte[][] pieces;
    private final BitSet ends = new BitSet();
    private final boolean addsBos;
    private final boolean marksBeginnings;
    private final String bos;
    private final String eos;
    private @Nullable TokenTable table;

    Vocabulary(LlamaApi api, MemorySegment model) {
        this.api = api;
        this.vocab = api.vocab(model);
        if (api.vocabType(vocab) == 0) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "the model has no vocabulary");
        }
        requireSpecials();
        this.pieces = new byte[api.vocabSize(vocab)][];
        readPieces();
        this.addsBos = api.addsBos(vocab);
        this.marksBeginnings = api.vocabType(vocab) != BYTE_PAIRS;
        this.bos = special("llama_vocab_bos");
        this.eos = special("llama_vocab_eos");
    }

    /** A tokenizer that lacks what it shall add ends the process. */
    private void requireSpecials() {
        boolean wordPieces = api.vocabType(vocab) == WORD_PIECES;
        for (String kind : List.of("bos", "eos", "sep")) {
            boolean needed = wordPieces
                    ? !kind.equals("eos")
                    : !kind.equals("sep") && api.modelIs("llama_vocab_get_add_" + kind, vocab);
            if (needed && api.specialToken("llama_vocab_" + kind, vocab) < 0) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST,
                        "the model's tokenizer adds a token '" + kind + "' and its file does not say which one it is");
            }
        }
    }

    private void readPieces() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(FIRST_PIECE_BUFFER);
            for (int token = 0; token < pieces.length; token++) {
                int length = api.tokenToPiece(vocab, token, buffer);
                if (length < 0) {
                    buffer = arena.allocate(-(long) length);
                    length = api.tokenToPiece(vocab, token, buffer);
                }
                pieces[token] = buffer.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
                ends.set(token, api.isEndOfGeneration(vocab, token));
            }
        }
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

    /** The tokens of a text by itself, with what the vocabulary puts around one; special tokens in it are text. */
    int[] tokenizeText(String text) {
        return tokenize(text, new LlamaApi.Specials(true, false));
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
            if (count < 0 && count != Integer.MIN_VALUE) {
                // A vocabulary may have the mark of a word's beginning and a character apart: two tokens for a byte.
                tokens = arena.allocate(ValueLayout.JAVA_INT, -(long) count);
                count = api.tokenize(vocab, text, tokens, specials);
            }
            if (count < 0) {
                throw new IllegalStateException("the tokenizer does not say how many tokens a text has");
            }
            return tokens.asSlice(0, (long) count * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
        }
    }

    /** The token's bytes, none for control tokens. Not to be changed. */
    byte[] piece(int token) {
        return pieces[token];
    }

    /** True for tokens with which the model ends its turn. */
    boolean ends(int token) {
        return ends.get(token);
    }

    /** All tokens in the order of their bytes; made when it is first asked for. */
    synchronized TokenTable table() {
        if (table == null) {
            table = new TokenTable(pieces, ends);
        }
        return table;
    }
}
