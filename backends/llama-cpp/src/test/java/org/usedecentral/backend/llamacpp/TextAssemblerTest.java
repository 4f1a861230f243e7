package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class TextAssemblerTest {
    private static final String TEXT = "héllo 🙂👩‍🚀 END of the ENDING, 世界 <|stop|> never seen";

    @Test
    void neverSplitsACharacter() {
        TextAssembler assembler = new TextAssembler(List.of());
        StringBuilder all = new StringBuilder();
        for (byte b : TEXT.getBytes(StandardCharsets.UTF_8)) {
            String piece = assembler.append(new byte[] {b});
            assertThat(piece).doesNotContain("\uFFFD");
            assertThat(piece.codePoints().count()).isLessThanOrEqualTo(1);
            all.append(piece);
        }
        assertThat(all.append(assembler.finish())).hasToString(TEXT);
    }

    @Test
    void dropsAnUnfinishedCharacterAtTheEnd() {
        TextAssembler assembler = new TextAssembler(List.of());
        assertThat(assembler.append(new byte[] {'a', (byte) 0xF0, (byte) 0x9F})).isEqualTo("a");
        assertThat(assembler.finish()).isEmpty();
    }

    @Test
    void replacesWhatIsNoUtf8InsteadOfWaitingForEver() {
        TextAssembler assembler = new TextAssembler(List.of());
        assertThat(assembler.append(new byte[] {(byte) 0xFF, 'a', (byte) 0x80, 'b'}))
                .isEqualTo("\uFFFDa\uFFFDb");
    }

    @Test
    void deliversTheTextBeforeAStopThatSpansTokens() {
        TextAssembler assembler = new TextAssembler(List.of("<|stop|>"));
        assertThat(append(assembler, "one <")).isEqualTo("one ");
        assertThat(append(assembler, "|st")).isEmpty();
        assertThat(append(assembler, "op|> two")).isEmpty();
        assertThat(assembler.stopped()).isTrue();
        assertThat(append(assembler, "three")).isEmpty();
        assertThat(assembler.finish()).isEmpty();
    }

    @Test
    void holdsBackOnlyWhatAStopCouldBeginWith() {
        TextAssembler assembler = new TextAssembler(List.of("abab!"));
        assertThat(append(assembler, "xab")).isEqualTo("x");
        assertThat(append(assembler, "ab")).isEmpty();
        assertThat(append(assembler, "ab")).isEqualTo("ab");
        assertThat(append(assembler, "c")).isEqualTo("ababc");
        assertThat(assembler.stopped()).isFalse();
    }

    @Test
    void deliversAtTheEndWhatWasNoStopAfterAll() {
        TextAssembler assembler = new TextAssembler(List.of("STOP"));
        assertThat(append(assembler, "go STO")).isEqualTo("go ");
        assertThat(assembler.finish()).isEqualTo("STO");
    }

    @Test
    void takesTheStopThatIsCompleteFirst() {
        TextAssembler assembler = new TextAssembler(List.of("abc", "b"));
        assertThat(append(assembler, "abc")).isEqualTo("a");
        assertThat(assembler.stopped()).isTrue();
    }

    @Property
    void deliversTheSameHoweverTheBytesAreCut(@ForAll @Size(max = 40) List<@IntRange(min = 1, max = 9) Integer> cuts) {
        List<String> stops = List.of("ENDING", "<|stop|>", "世x");
        String expected = TEXT.substring(0, TEXT.indexOf("ENDING"));
        byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
        TextAssembler assembler = new TextAssembler(stops);
        StringBuilder all = new StringBuilder();
        int at = 0;
        for (int cut : cuts) {
            int end = Math.min(bytes.length, at + cut);
            all.append(assembler.append(Arrays.copyOfRange(bytes, at, end)));
            at = end;
        }
        all.append(assembler.append(Arrays.copyOfRange(bytes, at, bytes.length)));
        assertThat(all.append(assembler.finish())).hasToString(expected);
    }

    private static String append(TextAssembler assembler, String text) {
        return assembler.append(text.getBytes(StandardCharsets.UTF_8));
    }
}
