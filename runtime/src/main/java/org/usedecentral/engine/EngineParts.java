package org.usedecentral.engine;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.usedecentral.time.Timers;

/**
 * What the worker lends an {@link EngineProcess}.
 *
 * @param dataDirectory the node's; crash records go to {@code engines/crashes} in it
 * @param changed called, on any thread, when the engine went or came back; must not wait
 */
public record EngineParts(
        Timers timers, SecureRandom random, Path dataDirectory, EngineLimits limits, Runnable changed) {}
