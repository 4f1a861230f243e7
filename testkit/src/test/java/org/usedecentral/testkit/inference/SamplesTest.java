package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** What scripted backends fill schemas and grammars with. */
final class SamplesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "{\"const\":7}",
                "{\"type\":[\"null\",\"string\"]}",
                "{\"type\":\"number\",\"exclusiveMinimum\":2.5,\"multipleOf\":4}",
                "{\"type\":\"integer\",\"maximum\":-3}",
                "{\"type\":\"string\",\"minLength\":40,\"maxLength\":41}",
                "{\"type\":\"array\",\"minItems\":3,\"items\":{\"type\":\"boolean\"}}",
                "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"anyOf\":[{\"enum\":[\"x\"]},{\"type\":\"null\"}]}}}",
            })
    void aSampleSatisfiesItsSchema(String schema) {
        assertThat(Schemas.faults(schema, SchemaSample.of(schema))).isEmpty();
    }

    @Test
    void whatCannotBeFilledIsRefused() {
        refused(ErrorCode.INVALID_REQUEST, "{", true);
        refused(ErrorCode.INVALID_REQUEST, "7", true);
        refused(ErrorCode.UNSUPPORTED_FEATURE, "{\"type\":\"string\",\"pattern\":\"^q{9}$\"}", true);
        refused(ErrorCode.UNSUPPORTED_FEATURE, "{\"$ref\":\"#\"}", true);
    }

    @Test
    void faultsAreFound() {
        assertThat(Schemas.faults("{\"type\":\"integer\"}", "\"7\"")).isNotEmpty();
        assertThat(Schemas.faults("{\"type\":\"integer\"}", "7")).isEmpty();
        assertThat(Schemas.faults("{}", "{\"a\":")).isNotEmpty();
        assertThat(Schemas.faults("{}", "{} and more")).isNotEmpty();
        assertThat(Schemas.faults("{}", "{\"a\":1,\"a\":2}")).isNotEmpty();
        assertThat(Schemas.faults("{}", "")).isNotEmpty();
    }

    @Test
    void aSampleFollowsItsGrammar() {
        assertThat(GrammarSample.of("root ::= \"yes\" | \"no\"")).isEqualTo("yes");
        assertThat(GrammarSample.of("""
                # a list that would go on for ever
                root ::= item
                item ::= "(" item ")" | [^a0] [x-z]{3} "\\n"+ tail* "q"? .
                tail ::= item
                """)).isEqualTo("Axxx\na");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "root",
                "root ::= \"a",
                "root ::= [a",
                "root ::= []",
                "root ::= (\"a\"",
                "root ::= other",
                "other ::= \"a\"",
                "root ::= \"a\"{2",
                "root ::= root"
            })
    void whatIsNoGrammarIsRefused(String grammar) {
        refused(ErrorCode.INVALID_REQUEST, grammar, false);
    }

    private static void refused(ErrorCode code, String text, boolean schema) {
        assertThatExceptionOfType(DecentralException.class)
                .isThrownBy(() -> assertThat(schema ? SchemaSample.of(text) : GrammarSample.of(text))
                        .isNull())
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
