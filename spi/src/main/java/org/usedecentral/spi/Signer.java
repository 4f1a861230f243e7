package org.usedecentral.spi;

/** Signs with one Ed25519 key that never leaves it. Thread-safe. */
public interface Signer {
    /** The account whose key signs. */
    Account account();

    /** The 64-byte Ed25519 signature of {@code message}. */
    Bytes sign(Bytes message);
}
