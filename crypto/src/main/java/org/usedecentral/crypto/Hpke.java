package org.usedecentral.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and AES-128-GCM. Thread-safe. */
public final class Hpke {
    private static final Bytes NO_AAD = Bytes.empty();

    private Hpke() {}

    private static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM128);
    }

    /** A new receiving key. */
    public static SessionKey generate(SecureRandom random) {
        X25519PrivateKeyParameters secret = new X25519PrivateKeyParameters(random);
        return new SessionKey(secret);
    }

    /** Begins to seal for a receiver's 32-byte public key; {@code INVALID_REQUEST} if it is not one. */
    public static Sender seal(Bytes receiver, Bytes info) {
        if (receiver.length() != 32) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST, "an X25519 key has 32 bytes, not " + receiver.length());
        }
        try {
            HPKE hpke = suite();
            HPKEContextWithEncapsulation context =
                    hpke.setupBaseS(new X25519PublicKeyParameters(receiver.toByteArray(), 0), info.toByteArray());
            return new Sender(context);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "not an X25519 key", e);
        }
    }

    /** The private half of a session key, in memory only. */
    public static final class SessionKey {
        private final X25519PrivateKeyParameters secret;

        private SessionKey(X25519PrivateKeyParameters secret) {
            this.secret = secret;
        }

        /** 32 bytes for the advert. */
        public Bytes publicKey() {
            return Bytes.of(secret.generatePublicKey().getEncoded());
        }

        /** Begins to open what was sealed for this key; {@code INVALID_REQUEST} if the encapsulation is malformed. */
        public Receiver open(Bytes encapsulation, Bytes info) {
            if (encapsulation.length() != 32) {
                throw new DecentralException(ErrorCode.INVALID_REQUEST, "an encapsulated key has 32 bytes");
            }
            try {
                AsymmetricCipherKeyPair pair = new AsymmetricCipherKeyPair(secret.generatePublicKey(), secret);
                return new Receiver(suite().setupBaseR(encapsulation.toByteArray(), pair, info.toByteArray()));
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new DecentralException(ErrorCode.INVALID_REQUEST, "not an encapsulated X25519 key", e);
            }
        }
    }

    /** The sealing end. One thread. */
    public static final class Sender {
        private final HPKEContextWithEncapsulation context;

        private Sender(HPKEContextWithEncapsulation context) {
            this.context = context;
        }

        /** 32 bytes that travel beside the ciphertext. */
        public Bytes encapsulation() {
            return Bytes.of(context.getEncapsulation());
        }

        /** Ciphertext with its 16-byte tag. */
        public Bytes seal(Bytes plaintext) {
            try {
                return Bytes.of(context.seal(NO_AAD.toByteArray(), plaintext.toByteArray()));
            } catch (InvalidCipherTextException e) {
                throw new IllegalStateException("AES-GCM does not fail to encrypt", e);
            }
        }

        /** A secret both ends derive from the same context. */
        public Bytes export(Bytes exporterContext, int length) {
            return Bytes.of(context.export(exporterContext.toByteArray(), length));
        }
    }

    /** The opening end. One thread. */
    public static final class Receiver {
        private final HPKEContext context;

        private Receiver(HPKEContext context) {
            this.context = context;
        }

        /** The plaintext; {@code INVALID_REQUEST} if it was not sealed so. */
        public Bytes open(Bytes ciphertext) {
            try {
                return Bytes.of(context.open(NO_AAD.toByteArray(), ciphertext.toByteArray()));
            } catch (InvalidCipherTextException | RuntimeException e) {
                throw new DecentralException(ErrorCode.INVALID_REQUEST, "the sealed payload cannot be opened", e);
            }
        }

        /** A secret both ends derive from the same context. */
        public Bytes export(Bytes exporterContext, int length) {
            return Bytes.of(context.export(exporterContext.toByteArray(), length));
        }
    }
}
