package org.usedecentral.spi.protocol;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Part;

/** The output digest (docs/protocol.md, section 3), fed as output arrives, however it is chunked. One thread; appending text allocates nothing. */
public final class OutputHasher {
    private static final int MAX_CALLS = 128;
    private static final int MAX_CALL_BYTES = 1 << 20;

    private final Bytes salt;
    private final Choice[] choices;

    /**
     * Begins with no output.
     *
     * @param salt the job's 32 random bytes
     * @param choices how many answers the job asks for
     */
    public OutputHasher(Bytes salt, int choices) {
        if (salt.length() != 32) {
            throw new IllegalArgumentException("a salt has 32 bytes, not " + salt.length());
        }
        this.salt = salt;
        this.choices = new Choice[choices];
        for (int i = 0; i < choices; i++) {
            this.choices[i] = new Choice();
        }
    }

    /**
     * Records bytes of a part. Call ids and log probabilities are not part of the digest.
     *
     * @throws DecentralException {@code INVALID_REQUEST} for a choice or call out of range, or a call above 1 MiB
     */
    public void append(Part part, byte[] bytes, int offset, int length) {
        int choice = part.choice();
        if (choice < 0 || choice >= choices.length) {
            throw DecentralException.invalid("choice", "choice " + choice + " of " + choices.length);
        }
        Choice of = choices[choice];
        switch (part.kind()) {
            case TEXT, F32 -> of.text.update(bytes, offset, length);
            case REASONING -> of.reasoning.update(bytes, offset, length);
            case REFUSAL -> of.refusal.update(bytes, offset, length);
            case CALL_NAME -> of.call(part.index()).append(false, bytes, offset, length);
            case CALL_ARGUMENTS -> of.call(part.index()).append(true, bytes, offset, length);
            case CALL_ID, LOGPROBS -> {}
        }
    }

    /** SHA-256(tag ‖ salt ‖ u32 n ‖ choice digests) of what was appended so far; appending may go on. */
    public Bytes digest() {
        MessageDigest digest = Sha256.newDigest();
        Tag.OUTPUT.bytes().update(digest);
        salt.update(digest);
        Layout.u32(choices.length).update(digest);
        for (Choice choice : choices) {
            digest.update(choice.digest());
        }
        return Bytes.of(digest.digest());
    }

    private static final class Choice {
        final MessageDigest text = Sha256.newDigest();
        final MessageDigest reasoning = Sha256.newDigest();
        final MessageDigest refusal = Sha256.newDigest();
        final List<Call> calls = new ArrayList<>(0);

        Call call(int index) {
            if (index < 0 || index > calls.size() || index >= MAX_CALLS) {
                throw DecentralException.invalid("index", "tool call " + index + " after " + calls.size());
            }
            if (index == calls.size()) {
                calls.add(new Call());
            }
            return calls.get(index);
        }

        byte[] digest() {
            MessageDigest digest = Sha256.newDigest();
            digest.update(copy(text).digest());
            digest.update(copy(reasoning).digest());
            digest.update(copy(refusal).digest());
            Layout.u32(calls.size()).update(digest);
            for (Call call : calls) {
                for (ByteArrayOutputStream part : List.of(call.name, call.arguments)) {
                    Layout.u32(part.size()).update(digest);
                    digest.update(part.toByteArray());
                }
            }
            return digest.digest();
        }

        private static MessageDigest copy(MessageDigest digest) {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
            }
        }
    }

    private static final class Call {
        final ByteArrayOutputStream name = new ByteArrayOutputStream();
        final ByteArrayOutputStream arguments = new ByteArrayOutputStream();

        void append(boolean toArguments, byte[] bytes, int offset, int length) {
            ByteArrayOutputStream part = toArguments ? arguments : name;
            if (part.size() + length > MAX_CALL_BYTES) {
                throw DecentralException.invalid("arguments", "a tool call is above 1 MiB");
            }
            part.write(bytes, offset, length);
        }
    }
}
