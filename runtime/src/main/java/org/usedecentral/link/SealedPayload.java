package org.usedecentral.link;

import org.usedecentral.crypto.Hpke;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.RequestCommitment;
import org.usedecentral.spi.protocol.Seal;
import org.usedecentral.spi.protocol.Sha256;

/**
 * A payload as it travels to the one worker that can open it (docs/protocol.md, section 9).
 *
 * @param advertSha256 names the advert, and so the session key, that it was sealed to
 * @param encapsulation 32 bytes
 */
public record SealedPayload(Bytes advertSha256, Bytes encapsulation, Bytes ciphertext) {
    private static final int FROM_WORKER = 1;
    private static final int HEAD = 64;

    /** To whom, and for which attempt, a payload is sealed. */
    public record Binding(JobId job, int attempt, Account worker, Bytes advertSha256) {
        Bytes info() {
            return Seal.info(job, worker, advertSha256);
        }

        Bytes frameKeyContext() {
            return Seal.frameKeyContext(attempt, FROM_WORKER);
        }
    }

    /**
     * What is sealed.
     *
     * @param salt 32 random bytes of the job
     * @param payload the request, as {@link RequestCodec} writes it
     */
    public record Plaintext(Bytes salt, Bytes clientBodySha256, Bytes payload) {
        /** The commitment that the job's terms must carry. */
        public Bytes commitment() {
            return RequestCommitment.of(salt, clientBodySha256, Sha256.of(payload));
        }
    }

    /** A sealed payload and the key of the frames that answer it. */
    public record Sealed(SealedPayload payload, Bytes frameKey) {}

    /** An opened payload and the key of the frames that answer it. */
    public record Opened(Plaintext plaintext, Bytes frameKey) {}

    /** Seals for the session key of the advert that {@code binding} names. */
    public static Sealed seal(Plaintext plaintext, Bytes sessionKey, Binding binding) {
        Hpke.Sender sender = Hpke.seal(sessionKey, binding.info());
        Bytes ciphertext =
                sender.seal(Bytes.concat(plaintext.salt(), plaintext.clientBodySha256(), plaintext.payload()));
        return new Sealed(
                new SealedPayload(binding.advertSha256(), sender.encapsulation(), ciphertext),
                sender.export(binding.frameKeyContext(), Seal.FRAME_KEY_LENGTH));
    }

    /** Opens; {@code INVALID_REQUEST} if it was not sealed to this key for this binding. */
    public Opened open(Hpke.SessionKey key, Binding binding) {
        Hpke.Receiver receiver = key.open(encapsulation, binding.info());
        Bytes plain = receiver.open(ciphertext);
        if (plain.length() < HEAD) {
            throw DecentralException.invalid("payload", "the payload ends early");
        }
        Plaintext plaintext =
                new Plaintext(plain.slice(0, 32), plain.slice(32, 32), plain.slice(HEAD, plain.length() - HEAD));
        return new Opened(plaintext, receiver.export(binding.frameKeyContext(), Seal.FRAME_KEY_LENGTH));
    }
}
