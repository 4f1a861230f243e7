package org.usedecentral.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.Signer;

/**
 * Ed25519 (RFC 8032) by BouncyCastle's lightweight classes, which are about ten times faster than the JDK's provider. Stateless.
 */
public final class Ed25519 {
    public static final int SEED_LENGTH = 32;
    public static final int SIGNATURE_LENGTH = 64;

    private Ed25519() {}

    /** A signer with a new key. */
    public static KeyPair generate(SecureRandom random) {
        byte[] seed = new byte[SEED_LENGTH];
        random.nextBytes(seed);
        return new KeyPair(Bytes.of(seed));
    }

    /** A signer with the key of a 32-byte seed. */
    public static KeyPair fromSeed(Bytes seed) {
        return new KeyPair(seed);
    }

    /** Whether {@code signature} is {@code account}'s over {@code message}; false for a malformed or small-order key too. */
    public static boolean verify(Account account, Bytes message, Bytes signature) {
        if (signature.length() != SIGNATURE_LENGTH || SmallOrder.contains(account)) {
            return false;
        }
        Ed25519PublicKeyParameters key;
        try {
            key = new Ed25519PublicKeyParameters(account.key().toByteArray(), 0);
        } catch (IllegalArgumentException e) {
            return false;
        }
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(false, key);
        byte[] bytes = message.toByteArray();
        verifier.update(bytes, 0, bytes.length);
        return verifier.verifySignature(signature.toByteArray());
    }

    /** Whether the key is of small order: it belongs to nobody, so no ledger should credit or register it. */
    public static boolean isSmallOrder(Account account) {
        return SmallOrder.contains(account);
    }

    /** A private key in memory. Thread-safe. */
    public static final class KeyPair implements Signer {
        private final Bytes seed;
        private final Ed25519PrivateKeyParameters key;
        private final Account account;

        private KeyPair(Bytes seed) {
            if (seed.length() != SEED_LENGTH) {
                throw new IllegalArgumentException("a seed has 32 bytes, not " + seed.length());
            }
            this.seed = seed;
            this.key = new Ed25519PrivateKeyParameters(seed.toByteArray(), 0);
            this.account = new Account(Bytes.of(key.generatePublicKey().getEncoded()));
        }

        Bytes seed() {
            return seed;
        }

        @Override
        public Account account() {
            return account;
        }

        @Override
        public Bytes sign(Bytes message) {
            Ed25519Signer signer = new Ed25519Signer();
            signer.init(true, key);
            byte[] bytes = message.toByteArray();
            signer.update(bytes, 0, bytes.length);
            return Bytes.of(signer.generateSignature());
        }

        /** Names the account, never the key. */
        @Override
        public String toString() {
            return "key of " + account;
        }
    }
}
