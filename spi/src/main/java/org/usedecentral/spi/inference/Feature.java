package org.usedecentral.spi.inference;

/** What a model on a backend can do. What is not listed is refused. Features are added; plugins never switch over them. */
public enum Feature {
    GENERATE,
    EMBED,
    CONTINUOUS_BATCHING,
    PREFIX_CACHING,
    /** The same request with the same seed gives the same tokens on this backend. */
    DETERMINISTIC,
    GRAMMAR,
    JSON_SCHEMA,
    TOOLS,
    LOGPROBS,
    REASONING,
    /** Continues from assistant text already delivered. */
    RESUME,
    TOKEN_IDS,
    MULTIPLE_CHOICES,
    PENALTIES,
    LOGIT_BIAS,
    MIN_P,
    IMAGES
}
