package org.usedecentral.spi.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.Part;
import org.usedecentral.spi.inference.PartKind;

final class OutputHasherTest {
    private static final Bytes SALT = Sha256.of();

    @Property
    void doesNotDependOnHowTheOutputWasCut(
            @ForAll @Size(max = 200) byte[] text,
            @ForAll @Size(max = 200) byte[] reasoning,
            @ForAll @Size(max = 200) byte[] arguments,
            @ForAll long seed) {
        OutputHasher whole = new OutputHasher(SALT, 1);
        OutputHasher pieces = new OutputHasher(SALT, 1);
        List<Part> parts =
                List.of(Part.TEXT, Part.of(0, PartKind.REASONING, 0), Part.of(0, PartKind.CALL_ARGUMENTS, 0));
        List<byte[]> contents = List.of(text, reasoning, arguments);
        for (int i = 0; i < parts.size(); i++) {
            whole.append(parts.get(i), contents.get(i), 0, contents.get(i).length);
        }
        int[] sent = new int[parts.size()];
        Random random = new Random(seed);
        pieces.append(parts.get(2), arguments, 0, 0);
        while (sent[0] + sent[1] + sent[2] < text.length + reasoning.length + arguments.length) {
            int which = random.nextInt(parts.size());
            int length = random.nextInt(contents.get(which).length - sent[which] + 1);
            pieces.append(parts.get(which), contents.get(which), sent[which], length);
            sent[which] += length;
        }
        assertThat(pieces.digest()).isEqualTo(whole.digest());
    }

    @Property
    void oneAlteredBitChangesTheDigest(@ForAll @Size(min = 1, max = 50) byte[] text, @ForAll @IntRange int bit) {
        Bytes altered = StructuresTest.flipped(Bytes.of(text), (bit & Integer.MAX_VALUE) % (8 * text.length));
        assertThat(digest(SALT, altered.toByteArray())).isNotEqualTo(digest(SALT, text));
    }

    @Test
    void theSaltHidesTheOutput() {
        assertThat(digest(SALT, new byte[1])).isNotEqualTo(digest(Bytes.zeros(32), new byte[1]));
        assertThatIllegalArgumentException().isThrownBy(() -> new OutputHasher(Bytes.zeros(31), 1));
    }

    @Test
    void goesOnAfterADigest() {
        OutputHasher hasher = new OutputHasher(SALT, 1);
        hasher.append(Part.TEXT, new byte[] {1}, 0, 1);
        Bytes early = hasher.digest();
        assertThat(hasher.digest()).isEqualTo(early).isEqualTo(digest(SALT, new byte[] {1}));
        hasher.append(Part.TEXT, new byte[] {2}, 0, 1);
        assertThat(hasher.digest()).isEqualTo(digest(SALT, new byte[] {1, 2}));
    }

    @Test
    void aPartIsNotTakenForAnother() {
        byte[] content = {1};
        assertThat(List.of(PartKind.TEXT, PartKind.REASONING, PartKind.REFUSAL, PartKind.CALL_NAME).stream()
                        .map(kind -> {
                            OutputHasher hasher = new OutputHasher(SALT, 1);
                            hasher.append(Part.of(0, kind, 0), content, 0, 1);
                            return hasher.digest();
                        }))
                .doesNotHaveDuplicates();
    }

    @Test
    void refusesACallAboveOneMebibyte() {
        OutputHasher hasher = new OutputHasher(SALT, 1);
        Part arguments = Part.of(0, PartKind.CALL_ARGUMENTS, 0);
        hasher.append(arguments, new byte[1 << 20], 0, 1 << 20);
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> hasher.append(arguments, new byte[1], 0, 1));
    }

    private static Bytes digest(Bytes salt, byte[] text) {
        OutputHasher hasher = new OutputHasher(salt, 1);
        hasher.append(Part.TEXT, text, 0, text.length);
        return hasher.digest();
    }
}
