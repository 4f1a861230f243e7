package org.usedecentral.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.SecureRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class HpkeTest {
    private static final Hpke.SessionKey KEY = key(Bytes.fromHex("17".repeat(32)));
    private static final Bytes INFO = Bytes.utf8("info");

    /** The session key with these 32 private bytes. */
    static Hpke.SessionKey key(Bytes secret) {
        return Hpke.generate(new FixedRandom(secret));
    }

    @Property(tries = 50)
    void whatIsSealedIsOpened(@ForAll byte[] first, @ForAll byte[] second, @ForAll @Size(max = 40) byte[] info) {
        Hpke.Sender sender = Hpke.seal(KEY.publicKey(), Bytes.of(info));
        Hpke.Receiver receiver = KEY.open(sender.encapsulation(), Bytes.of(info));
        assertThat(receiver.open(sender.seal(Bytes.of(first)))).isEqualTo(Bytes.of(first));
        assertThat(receiver.open(sender.seal(Bytes.of(second)))).isEqualTo(Bytes.of(second));
        assertThat(receiver.export(INFO, 16)).isEqualTo(sender.export(INFO, 16));
        assertThat(receiver.export(INFO, 16)).isNotEqualTo(sender.export(Bytes.empty(), 16));
    }

    @Property(tries = 400)
    void everyAlteredBitIsSeen(@ForAll @IntRange(max = 8 * 36 - 1) int bit) {
        Hpke.Sender sender = Hpke.seal(KEY.publicKey(), INFO);
        byte[] altered = sender.seal(Bytes.zeros(20)).toByteArray();
        altered[bit / 8] ^= (byte) (1 << bit % 8);
        Hpke.Receiver receiver = KEY.open(sender.encapsulation(), INFO);
        refused(() -> receiver.open(Bytes.of(altered)));
    }

    @Test
    void sealsDifferentlyEachTime() {
        assertThat(Hpke.seal(KEY.publicKey(), INFO).encapsulation())
                .isNotEqualTo(Hpke.seal(KEY.publicKey(), INFO).encapsulation());
    }

    @Test
    void opensOnlyWithTheSameKeyAndInfo() {
        Hpke.Sender sender = Hpke.seal(KEY.publicKey(), INFO);
        Bytes sealed = sender.seal(Bytes.utf8("prompt"));
        refused(() -> Hpke.generate(new SecureRandom())
                .open(sender.encapsulation(), INFO)
                .open(sealed));
        refused(() -> KEY.open(sender.encapsulation(), Bytes.empty()).open(sealed));
        refused(() -> KEY.open(KEY.publicKey(), INFO).open(sealed));
        assertThat(KEY.open(sender.encapsulation(), INFO).open(sealed)).isEqualTo(Bytes.utf8("prompt"));
    }

    @Test
    void opensInOrderOnly() {
        Hpke.Sender sender = Hpke.seal(KEY.publicKey(), INFO);
        Bytes first = sender.seal(Bytes.utf8("1"));
        Bytes second = sender.seal(Bytes.utf8("2"));
        refused(() -> KEY.open(sender.encapsulation(), INFO).open(second));
        Hpke.Receiver receiver = KEY.open(sender.encapsulation(), INFO);
        receiver.open(first);
        refused(() -> receiver.open(first));
    }

    @Test
    void refusesWhatIsNoKey() {
        refused(() -> Hpke.seal(Bytes.zeros(31), INFO));
        refused(() -> Hpke.seal(Bytes.zeros(33), INFO));
        refused(() -> Hpke.seal(Bytes.zeros(32), INFO));
        refused(() -> KEY.open(Bytes.zeros(31), INFO));
        refused(() -> KEY.open(Bytes.zeros(32), INFO));
        refused(() -> KEY.open(Bytes.empty(), INFO));
    }

    private static void refused(ThrowingCallable call) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    /** Always draws the same bytes. */
    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] bytes;

        FixedRandom(Bytes bytes) {
            this.bytes = bytes.toByteArray();
        }

        @Override
        public void nextBytes(byte[] target) {
            System.arraycopy(bytes, 0, target, 0, target.length);
        }
    }
}
