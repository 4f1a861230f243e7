package org.usedecentral.spi.protocol;

import java.nio.ByteBuffer;
import java.time.Instant;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;

/** What a job's escrow is locked for: 248 bytes whose SHA-256 is the job id (docs/protocol.md, section 2). Immutable. */
public final class Terms {
    public static final int LENGTH = 248;

    /** The last second of the year 9999. */
    static final long MAX_TIME = 253_402_300_799L;

    private final Bytes encoded;
    private final JobId jobId;
    private final TokenPrices ceiling;

    private Terms(Bytes encoded) {
        this.encoded = Layout.check(encoded, LENGTH, Tag.JOB);
        this.ceiling = new TokenPrices(Layout.u63(encoded, 216), Layout.u63(encoded, 224));
        this.jobId = new JobId(Sha256.of(encoded));
        ceiling.cost(inputCap(), outputCap());
        Layout.u31(encoded, 232);
        Layout.u31(encoded, 244);
        if (Layout.u63(encoded, 236) > MAX_TIME) {
            throw Layout.malformed(Tag.JOB, "has a time out of range");
        }
    }

    /**
     * Reads the layout.
     *
     * @throws DecentralException {@code INVALID_REQUEST} if it is not one
     */
    public static Terms decode(Bytes encoded) {
        return new Terms(encoded);
    }

    /** Terms with a 120 s timeout; every other field must be set. */
    public static Builder builder() {
        return new Builder();
    }

    public Bytes encoded() {
        return encoded;
    }

    public JobId jobId() {
        return jobId;
    }

    public LedgerId ledger() {
        return new LedgerId(Layout.field(encoded, 16));
    }

    public Account payer() {
        return Layout.account(encoded, 48);
    }

    public Account orchestrator() {
        return Layout.account(encoded, 80);
    }

    /** The payer itself, or a spender it approved. */
    public Account lockSigner() {
        return Layout.account(encoded, 112);
    }

    public Bytes nonce() {
        return Layout.field(encoded, 144);
    }

    public Bytes requestCommitment() {
        return Layout.field(encoded, 176);
    }

    /** The most input tokens that may be billed. */
    public int inputCap() {
        return Layout.u31(encoded, 208);
    }

    /** The most output tokens that may be billed, over all choices. */
    public int outputCap() {
        return Layout.u31(encoded, 212);
    }

    public TokenPrices ceiling() {
        return ceiling;
    }

    public int timeoutSeconds() {
        return Layout.u31(encoded, 232);
    }

    /** The last second in which a ledger takes the lock. */
    public Instant validUntil() {
        return Instant.ofEpochSecond(Layout.u63(encoded, 236));
    }

    public int proofScheme() {
        return Layout.u31(encoded, 244);
    }

    /** What is locked: the most the job may cost, base units. */
    public long locked() {
        return ceiling.cost(inputCap(), outputCap());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Terms terms && encoded.equals(terms.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return "terms of job " + jobId;
    }

    /** Collects {@link Terms}. One thread. */
    public static final class Builder {
        private Bytes ledger = Bytes.empty();
        private Account payer = Account.NONE;
        private Account orchestrator = Account.NONE;
        private Account lockSigner = Account.NONE;
        private Bytes nonce = Bytes.empty();
        private Bytes requestCommitment = Bytes.empty();
        private int inputCap;
        private int outputCap;
        private TokenPrices ceiling = new TokenPrices(0, 0);
        private int timeoutSeconds = 120;
        private Instant validUntil = Instant.EPOCH;
        private int proofScheme;

        private Builder() {}

        public Builder ledger(LedgerId value) {
            this.ledger = value.value();
            return this;
        }

        /** Who pays, and who signs the lock. */
        public Builder payer(Account payerAccount, Account signer) {
            this.payer = payerAccount;
            this.lockSigner = signer;
            return this;
        }

        public Builder orchestrator(Account value) {
            this.orchestrator = value;
            return this;
        }

        /** 32 random bytes. */
        public Builder nonce(Bytes value) {
            this.nonce = value;
            return this;
        }

        public Builder requestCommitment(Bytes value) {
            this.requestCommitment = value;
            return this;
        }

        public Builder caps(int input, int output) {
            this.inputCap = input;
            this.outputCap = output;
            return this;
        }

        public Builder ceiling(TokenPrices value) {
            this.ceiling = value;
            return this;
        }

        public Builder timeoutSeconds(int value) {
            this.timeoutSeconds = value;
            return this;
        }

        public Builder validUntil(Instant value) {
            this.validUntil = value;
            return this;
        }

        public Builder proofScheme(int value) {
            this.proofScheme = value;
            return this;
        }

        /** Throws {@code INVALID_REQUEST} if a field is missing or out of range. */
        public Terms build() {
            ByteBuffer buffer = Layout.allocate(LENGTH, Tag.JOB);
            for (Bytes field :
                    new Bytes[] {ledger, payer.key(), orchestrator.key(), lockSigner.key(), nonce, requestCommitment}) {
                if (field.length() != 32) {
                    throw Layout.malformed(
                            Tag.JOB, "needs ledger, payer, orchestrator, nonce and commitment of 32 bytes");
                }
                field.writeTo(buffer);
            }
            buffer.putInt(inputCap).putInt(outputCap).putLong(ceiling.input()).putLong(ceiling.output());
            buffer.putInt(timeoutSeconds).putLong(validUntil.getEpochSecond()).putInt(proofScheme);
            return decode(Layout.finish(buffer));
        }
    }
}
