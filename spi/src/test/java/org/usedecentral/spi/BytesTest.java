package org.usedecentral.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BytesTest {
    @Test
    void doesNotShareTheArrayItWasMadeFrom() {
        byte[] array = {1, 2, 3};
        Bytes bytes = Bytes.of(array);
        array[0] = 9;
        bytes.toByteArray()[1] = 9;
        assertThat(bytes).isEqualTo(Bytes.of((byte) 1, (byte) 2, (byte) 3));
    }

    @Test
    void itsBufferIsReadOnly() {
        assertThat(Bytes.of((byte) 1).asBuffer().isReadOnly()).isTrue();
    }

    @Test
    void copiesABufferWithoutMovingIt() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).position(1).limit(3);
        assertThat(Bytes.of(buffer)).isEqualTo(Bytes.of((byte) 2, (byte) 3));
        assertThat(buffer.position()).isEqualTo(1);
    }

    @Property
    void hexAndBase64GoBothWays(@ForAll byte[] content) {
        Bytes bytes = Bytes.of(content);
        assertThat(Bytes.fromHex(bytes.hex())).isEqualTo(bytes);
        assertThat(Bytes.fromBase64(bytes.base64())).isEqualTo(bytes);
    }

    @Property
    void concatenationThenSlicesGivesTheParts(@ForAll @Size(max = 5) List<byte[]> arrays) {
        Bytes[] parts = arrays.stream().map(Bytes::of).toArray(Bytes[]::new);
        Bytes joined = Bytes.concat(parts);
        int at = 0;
        for (Bytes part : parts) {
            assertThat(joined.slice(at, part.length())).isEqualTo(part).hasSameHashCodeAs(part);
            at += part.length();
        }
        assertThat(joined.length()).isEqualTo(at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"QQ", "QR==", "QQ==\n", "Q===", "-_==", "QQ==QQ=="})
    void refusesBase64ThatIsNotInItsOneForm(String base64) {
        assertThatIllegalArgumentException().isThrownBy(() -> Bytes.fromBase64(base64));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0g", "0x00", " 00"})
    void refusesWhatIsNotHexadecimal(String hex) {
        assertThatIllegalArgumentException().isThrownBy(() -> Bytes.fromHex(hex));
    }

    @Test
    void saysWhetherAllIsZero() {
        assertThat(Bytes.zeros(3).isZero()).isTrue();
        assertThat(Bytes.empty().isZero()).isTrue();
        assertThat(Bytes.of((byte) 0, (byte) 1).isZero()).isFalse();
    }

    @Test
    void shortensLongContentInMessages() {
        assertThat(Bytes.zeros(40)).hasToString("00".repeat(40));
        assertThat(Bytes.zeros(41)).hasToString("00".repeat(40) + "… (41 bytes)");
    }
}
