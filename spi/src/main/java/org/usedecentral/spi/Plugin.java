package org.usedecentral.spi;

import io.helidon.config.NamedService;

/**
 * What every plugin is. Its life: provider's {@code create}, {@code start}, use, {@code close}; no fifth step.
 * Between {@code start} and {@code close} it is called by many virtual threads at once and confines native threads itself.
 */
public interface Plugin extends NamedService, AutoCloseable {
    /** Opens sockets, native libraries, weights. May block, unlike {@code create}. Called once. */
    default void start(PluginContext context) {}

    /** Called once, after the last call returned or was cancelled; also after a {@code start} that failed. */
    @Override
    default void close() {}
}
