package org.usedecentral.backend.openai;

/** From where the tokens of a prompt are known before the first event. */
enum Counting {
    /** The first chunk tells; if it does not, as {@link #ENDPOINT}. */
    STREAM,
    /** The server's own path for it; if it has none, as {@link #PROBE}. */
    ENDPOINT,
    /** A second request for one token, whose usage tells. Exact everywhere, and the prompt is read twice. */
    PROBE,
    /** A token for each five bytes, rounded down: near the truth for English, and never exact. */
    ESTIMATE
}
