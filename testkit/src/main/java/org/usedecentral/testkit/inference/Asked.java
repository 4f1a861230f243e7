package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.Feature;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.ModelCard;
import org.usedecentral.spi.inference.Sampling;

/** The model that a contract asks, with the questions that all parts of the contract put. */
record Asked(BackendFixture fixture, InferenceBackend backend) {
    /** The fixture's model, which must have these features: a test of others does not run, and says which one is missing. */
    static Asked with(BackendFixture fixture, Feature... features) {
        Asked asked = new Asked(fixture, fixture.backend());
        for (Feature feature : features) {
            assumeTrue(asked.has(feature), () -> "the model does not list " + feature);
        }
        return asked;
    }

    ModelCard card() {
        return backend.models().stream()
                .filter(card -> card.id().equals(fixture.model()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("models() does not list " + fixture.model()));
    }

    boolean has(Feature feature) {
        return card().features().contains(feature);
    }

    /** The long prompt; greedy, so that what can be repeated is. */
    GenerationRequest request(int maxOutputTokens) {
        return request(fixture.longPrompt(), maxOutputTokens);
    }

    GenerationRequest request(String prompt, int maxOutputTokens) {
        return GenerationRequest.builder(fixture.model(), List.of(Message.of(Message.Role.USER, prompt)))
                .sampling(Sampling.builder().temperature(0).seed(1).build())
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    Collected answer(GenerationRequest request) throws InterruptedException {
        return Collected.from(backend.generate(request));
    }

    static void refused(ErrorCode code, ThrowingCallable call) {
        DecentralException e = catchThrowableOfType(DecentralException.class, call);
        assertThat(e).as("refused with %s", code).isNotNull();
        assertThat(e.code()).as(e.message()).isEqualTo(code);
        assertThat(e.message()).isNotBlank();
    }

    void awaitIdle() throws InterruptedException {
        Waiting.until(
                "every slot is free", fixture.patience(), () -> backend.load().running() == 0);
    }
}
