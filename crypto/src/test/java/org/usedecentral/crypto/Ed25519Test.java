package org.usedecentral.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

final class Ed25519Test {
    private static final Ed25519.KeyPair KEY = Ed25519.fromSeed(Bytes.fromHex("2a".repeat(32)));
    private static final Bytes MESSAGE = Bytes.utf8("one job, one proof, one payment");
    private static final Bytes SIGNATURE = KEY.sign(MESSAGE);

    @Property(tries = 100)
    void whatIsSignedVerifies(@ForAll @Size(32) byte[] seed, @ForAll byte[] message) {
        Ed25519.KeyPair key = Ed25519.fromSeed(Bytes.of(seed));
        Bytes signature = key.sign(Bytes.of(message));
        assertThat(signature.length()).isEqualTo(Ed25519.SIGNATURE_LENGTH);
        assertThat(Ed25519.verify(key.account(), Bytes.of(message), signature)).isTrue();
        assertThat(key.sign(Bytes.of(message))).isEqualTo(signature);
    }

    @Property(tries = 600)
    void everyAlteredBitOfASignatureIsSeen(@ForAll @IntRange(max = 511) int bit) {
        assertThat(Ed25519.verify(KEY.account(), MESSAGE, flipped(SIGNATURE, bit)))
                .isFalse();
    }

    @Property(tries = 300)
    void everyAlteredBitOfAKeyOrMessageIsSeen(@ForAll @IntRange(max = 247) int bit) {
        assertThat(Ed25519.verify(new Account(flipped(KEY.account().key(), bit)), MESSAGE, SIGNATURE))
                .isFalse();
        assertThat(Ed25519.verify(KEY.account(), flipped(MESSAGE, bit), SIGNATURE))
                .isFalse();
    }

    @Test
    void noAccountNeverVerifies() {
        assertThat(Ed25519.verify(Account.NONE, MESSAGE, SIGNATURE)).isFalse();
        assertThat(Ed25519.verify(KEY.account(), MESSAGE, Bytes.empty())).isFalse();
    }

    @Test
    void newKeysDiffer() {
        SecureRandom random = new SecureRandom();
        assertThat(Ed25519.generate(random).account())
                .isNotEqualTo(Ed25519.generate(random).account());
    }

    @Test
    void refusesASeedOfAnotherLength() {
        assertThatIllegalArgumentException().isThrownBy(() -> Ed25519.fromSeed(Bytes.zeros(31)));
        assertThatIllegalArgumentException().isThrownBy(() -> Ed25519.fromSeed(Bytes.zeros(64)));
    }

    @Test
    void itsTextNamesTheAccountAndNotTheKey() {
        assertThat(KEY.toString()).contains(KEY.account().toString()).doesNotContain("2a2a");
    }

    private static Bytes flipped(Bytes bytes, int bit) {
        byte[] altered = bytes.toByteArray();
        altered[bit / 8] ^= (byte) (1 << bit % 8);
        return Bytes.of(altered);
    }
}
