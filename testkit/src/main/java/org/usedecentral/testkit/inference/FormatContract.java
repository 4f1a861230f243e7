package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.FinishReason;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.ResponseFormat;

/** Output of a given form: JSON, JSON of a schema, text of a grammar. */
interface FormatContract extends BackendFixture {
    private static GenerationRequest formed(Asked asked, String prompt, ResponseFormat.Kind kind, String definition) {
        return asked.request(prompt, 384).toBuilder()
                .format(new ResponseFormat(kind, definition))
                .build();
    }

    @Test
    default void outputSatisfiesTheSchema() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.JSON_SCHEMA);
        String schema = """
                {"type":"object","additionalProperties":false,"required":["name","age","tags"],"properties":{
                  "name":{"type":"string","minLength":1,"maxLength":12},
                  "age":{"type":"integer","minimum":0,"maximum":120},
                  "likes":{"type":"boolean"},
                  "tags":{"type":"array","minItems":1,"maxItems":3,"items":{"enum":["a","b","c"]}}}}""";
        Collected answer = asked.answer(
                formed(asked, "Describe a person named Anna as JSON.", ResponseFormat.Kind.JSON_SCHEMA, schema));
        assertThat(Schemas.faults(schema, answer.text()))
                .as("faults of %s", answer.text())
                .isEmpty();
        assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
        asked.awaitIdle();
    }

    @Test
    default void refusesASchemaThatIsNone() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.JSON_SCHEMA);
        GenerationRequest request = formed(asked, "Say something.", ResponseFormat.Kind.JSON_SCHEMA, "{\"type\":");
        Asked.refused(ErrorCode.INVALID_REQUEST, () -> asked.backend().generate(request));
        asked.awaitIdle();
    }

    @Test
    default void outputIsAJsonObject() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.JSON_SCHEMA);
        Collected answer = asked.answer(
                formed(asked, "Name one fruit in a small JSON object.", ResponseFormat.Kind.JSON_OBJECT, ""));
        String text = answer.text();
        assertThat(text.strip()).startsWith("{");
        try {
            assertThat(new ObjectMapper().readTree(text).isObject()).as(text).isTrue();
        } catch (JsonEOFException e) {
            // A model may go on for ever inside an object: then it is one as far as it goes.
            assertThat(answer.reason()).as("cut: %s", text).isEqualTo(FinishReason.LENGTH);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    @Test
    default void outputFollowsTheGrammar() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.GRAMMAR);
        String grammar = """
                root ::= greeting ", " name "! " [0-9] [0-9]? ("." | ";")
                greeting ::= "Hello" | "Good day"
                name ::= [A-Z] [a-z]{2,6}
                """;
        Collected answer = asked.answer(formed(asked, "Greet somebody.", ResponseFormat.Kind.GRAMMAR, grammar));
        assertThat(answer.text()).matches("(Hello|Good day), [A-Z][a-z]{2,6}! [0-9]{1,2}[.;]");
        assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
        asked.awaitIdle();
    }

    @Test
    default void refusesAGrammarThatIsNone() throws InterruptedException {
        Asked asked = Asked.with(this, Feature.GENERATE, Feature.GRAMMAR);
        for (String bad : new String[] {"root ::= \"never closed", "root ::= missing", "no grammar at all"}) {
            GenerationRequest request = formed(asked, "Say something.", ResponseFormat.Kind.GRAMMAR, bad);
            Asked.refused(ErrorCode.INVALID_REQUEST, () -> asked.backend().generate(request));
        }
        asked.awaitIdle();
    }
}
