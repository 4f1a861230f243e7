package org.usedecentral.spi;

/**
 * An Ed25519 public key, which is also a Solana address. Workers, peers, payers and orchestrators are accounts.
 *
 * @param key 32 bytes
 */
public record Account(Bytes key) implements Comparable<Account> {
    public static final int LENGTH = 32;

    /** No account: what a field holds that names nobody. */
    public static final Account NONE = new Account(Bytes.zeros(LENGTH));

    public Account {
        if (key.length() != LENGTH) {
            throw new IllegalArgumentException("an account has 32 bytes, not " + key.length());
        }
    }

    /**
     * Reads the base58 form.
     *
     * @throws IllegalArgumentException if it is not the base58 of 32 bytes
     */
    public static Account parse(String base58) {
        return new Account(Base58.decode(base58));
    }

    @Override
    public int compareTo(Account other) {
        return key.asBuffer().compareTo(other.key.asBuffer());
    }

    /** Base58. */
    @Override
    public String toString() {
        return Base58.encode(key);
    }
}
