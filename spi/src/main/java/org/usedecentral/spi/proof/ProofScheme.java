package org.usedecentral.spi.proof;

import java.util.List;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Plugin;
import org.usedecentral.spi.PluginContext;
import org.usedecentral.spi.Signer;
import org.usedecentral.spi.inference.Part;

/** How a worker proves what it delivered. Stateless, thread-safe. */
public interface ProofScheme extends Plugin {
    /** Name and version, such as {@code sha256-ed25519/1}. */
    String algorithm();

    /** The number that terms on a ledger name it by, for ever; u32. */
    int id();

    /**
     * A node's proof scheme of that name and version.
     *
     * @throws DecentralException {@code UNSUPPORTED_FEATURE} if the node has none, naming those it has
     */
    static ProofScheme of(PluginContext context, String algorithm) {
        List<ProofScheme> schemes = context.plugins(ProofScheme.class);
        return schemes.stream()
                .filter(scheme -> scheme.algorithm().equals(algorithm))
                .findFirst()
                .orElseThrow(() -> DecentralException.unsupported("proof scheme " + algorithm + " (there are "
                        + schemes.stream().map(ProofScheme::algorithm).toList() + ")"));
    }

    /**
     * Begins to record the output of a job.
     *
     * @param salt the job's 32 random bytes
     */
    Transcript newTranscript(Bytes salt, int choices);

    /** States and signs what was delivered. */
    Proof prove(Assignment assignment, Completion completion, Transcript output, Signer worker);

    /** Checks what a ledger can check: structure, identity, bounds of the terms, signature. */
    Verification verify(Proof proof, Assignment assignment);

    /** Checks that, and that the proof is about the output this party saw. */
    Verification verify(Proof proof, Assignment assignment, Transcript observed);

    /** The output bytes one party saw. One thread; no allocation per append of text. */
    interface Transcript {
        /** Records bytes of a part. */
        void append(Part part, byte[] utf8, int offset, int length);

        /** The output digest of what was appended so far (docs/protocol.md, section 3). */
        Bytes digest();
    }

    /** A signed statement. */
    record Proof(String algorithm, Bytes statement, Bytes signature) {}

    /** Whether a proof holds. Cannot be ignored: the claims are inside. */
    sealed interface Verification {
        /** It holds: this is what the ledger may pay for. */
        record Valid(Claims claims) implements Verification {}

        /** It does not hold. */
        record Invalid(Reason reason, String detail) implements Verification {}
    }

    /**
     * What a valid proof says.
     *
     * @param price base units
     */
    record Claims(Account worker, int inputTokens, int outputTokens, long price, Bytes outputDigest) {}

    /** What is wrong with a proof. */
    enum Reason {
        MALFORMED,
        SIGNATURE,
        JOB,
        WORKER,
        ATTEMPT,
        COMMITMENT,
        MODEL,
        OUTPUT,
        TOKENS,
        PRICE
    }
}
