package org.usedecentral.engine;

import java.util.Optional;
import java.util.OptionalLong;

/** What a backend that runs in an engine host says of its process. Thread-safe; no method waits. */
public interface HostedEngine {
    /** The engine host's process id; empty while none runs. It changes with every restart. */
    OptionalLong pid();

    /** How often the engine host was started again after it ended unasked, since the worker's start. */
    int restarts();

    /** Why it last ended unasked, or could not be started again; empty: it never did. */
    Optional<String> lastFault();
}
