package org.usedecentral.backend.llamacpp.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MatcherTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            quoteCharacter = '`',
            value = {
                "root ::= \"yes\" | \"no\"; yes,no; ye,yesno,-",
                "root ::= [a-c]{2,3}; ab,abc,ccc; a,abca,abd",
                "root ::= (\"a\" | \"b\")* \"c\"; c,abac; ab,cc",
                "root ::= \"a\"? \"b\"+; b,abb; a,aab",
                "root ::= [^x]; a,é,世,🙂; x,ab",
                "root ::= [é-ü世]+ \"🙂\"; é🙂,üé世🙂; e🙂,🙂,é🙃",
                "root ::= \"(\" root \")\" | \"x\"; x,((x)); (x,x)",
                "root ::= root \"+\" t | t\\nt ::= \"x\"; x,x+x+x; +x,x+",
                "root ::= a a\\na ::= \"\" | \"x\" | b\\nb ::= a \"y\"; x,xx,y,yxy; z",
                "root ::= .{2}; ab,é世; a,abc",
                "root ::= [\\x41-\\u0043\\-]+ # letters\\n; A-C; D",
                "root ::= ( # a comment\\n \"a\"\\n | \"b\" )\\n; a,b; ab"
            })
    void acceptsWhatTheGrammarHasAndNothingElse(String gbnf, String accepted, @Nullable String refused) {
        Grammar grammar = Grammar.parse(gbnf.replace("\\n", "\n"));
        for (String text : accepted.split(",", -1)) {
            assertThat(accepts(grammar, text)).as(text).isTrue();
        }
        for (String text : String.valueOf(refused).split(",", -1)) {
            assertThat(accepts(grammar, text)).as(text).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "x ::= \"a\"; no rule root",
                "root ::= y; no rule y",
                "root ::= \"a; ends too early",
                "root ::= (\"a\"; ')' is expected",
                "root ::= \"a\"{3,2}; {3,2}",
                "root ::= \"a\"{20000}; up to 10000",
                "root ::= \"\\q\"; unknown escape \\q",
                "root ::= []; without characters",
                "root ::= <think>; tokens in a grammar",
                "root = \"a\"; '::=' is expected",
                "root ::= root; accepts nothing",
                "root ::= ((\"a\"{9999}){9999}){9999}; too large"
            })
    void saysWhatIsWrong(String gbnf, String message) {
        assertThatThrownBy(() -> Grammar.parse(gbnf))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(message);
    }

    @Test
    void deepNestingIsRefusedAndDoesNotOverflow() {
        assertThatThrownBy(() -> Grammar.parse("root ::= " + "(".repeat(30_000) + "\"a\"" + ")".repeat(30_000)))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("groups inside each other");
        StringBuilder chain = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 4000; i++) {
            chain.append("r").append(i).append(" ::= r").append(i + 1).append('\n');
        }
        assertThat(accepts(Grammar.parse(chain + "r4000 ::= \"x\""), "x")).isTrue();
    }

    /** In an engine that keeps a stack for each way these double with every character. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"a\" root b | \"a\" root c | \"x\"\nb ::= \"b\"?\nc ::= \"c\"?",
                "root ::= root root | \"a\"",
                "root ::= (\"a\"* \"a\"*)* (\"a\" | \"aa\")*",
                "root ::= s\ns ::= s s s | s s | \"a\" | \"\""
            })
    void whatIsAmbiguousIsFollowedOrRefusedInTime(String gbnf) {
        Matcher matcher = new Matcher(Grammar.parse(gbnf));
        Matcher.State state = matcher.start();
        try {
            for (int i = 0; i < 400; i++) {
                matcher.rest();
                state = matcher.next(state, (byte) 'a');
                assertThat(state).isNotNull();
            }
        } catch (GrammarException e) {
            assertThat(e).hasMessageContaining("too ambiguous");
        }
    }

    @Test
    void noBytesButThoseOfCharactersAreAccepted() {
        Grammar grammar = Grammar.parse("root ::= [^a]*");
        Matcher matcher = new Matcher(grammar);
        byte[][] wrong = {
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xE0, (byte) 0x80, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF0, (byte) 0x80, (byte) 0x80, (byte) 0x80},
            {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            {(byte) 0x80},
            {(byte) 0xE4, 'b'},
            {(byte) 0xFF}
        };
        for (byte[] bytes : wrong) {
            assertThat(end(matcher, bytes)).as("%X", bytes[0]).isNull();
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            int c = random.nextInt(Character.MAX_CODE_POINT + 1);
            boolean character = Character.getType(c) != Character.SURROGATE && c != 'a';
            assertThat(accepts(grammar, Character.toString(c)))
                    .as("U+%X, seed %d", c, seed)
                    .isEqualTo(character);
        }
    }

    @Test
    void aTextLeadsBackToTheSameState() {
        Matcher matcher = new Matcher(Grammar.parse("root ::= \"\\\"\" [^\"]* \"\\\"\""));
        Matcher.State in = matcher.next(matcher.start(), (byte) '"');
        assertThat(in).isNotNull();
        assertThat(matcher.next(in, (byte) 'x')).isSameAs(in);
        Matcher.State end = matcher.next(in, (byte) '"');
        assertThat(end).isNotNull();
        assertThat(end.isComplete()).isTrue();
        assertThat(end.isFinal()).isTrue();
    }

    private static boolean accepts(Grammar grammar, String text) {
        if (text.chars().anyMatch(c -> Character.isSurrogate((char) c))
                && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            return false;
        }
        Matcher.State end = end(new Matcher(grammar), text.getBytes(StandardCharsets.UTF_8));
        return end != null && end.isComplete();
    }

    private static Matcher.@Nullable State end(Matcher matcher, byte[] bytes) {
        Matcher.State state = matcher.start();
        for (byte b : bytes) {
            state = state == null ? null : matcher.next(state, b);
        }
        return state;
    }
}
