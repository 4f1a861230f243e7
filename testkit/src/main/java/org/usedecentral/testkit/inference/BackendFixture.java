package org.usedecentral.testkit.inference;

import java.time.Duration;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;

/**
 * How {@link InferenceBackendContract} reaches one model of one backend: what the backend's test class implements. Methods with a
 * default are for what a contract cannot know of an engine, such as which prompt makes it talk for long.
 */
public interface BackendFixture {
    /** A started backend; it may be the same one for all tests, since each leaves it idle. */
    InferenceBackend backend();

    /** The model that is asked. */
    ModelId model();

    /** A prompt whose answer goes on for at least 128 tokens, and without a limit for many more. */
    default String longPrompt() {
        return "Count from one to one thousand, in words.";
    }

    /** A prompt whose greedy answer says words more than once. */
    default String repetitivePrompt() {
        return "Say the word sun twenty times.";
    }

    /** How long the engine may take for 64 tokens, or to notice that it was cancelled. */
    default Duration patience() {
        return Duration.ofSeconds(60);
    }

    /** True for backends whose answers do not depend on sampling, such as scripted ones. */
    default boolean sameForEverySeed() {
        return false;
    }

    /** False for backends that cannot count a prompt without generating: then {@code countInputTokens} must refuse. */
    default boolean countsInputTokens() {
        return true;
    }

    /** True for backends that go on from a text, cut at a blank, exactly as if it had not been cut. */
    default boolean resumesExactly() {
        return false;
    }
}
