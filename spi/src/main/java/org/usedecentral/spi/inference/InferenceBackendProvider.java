package org.usedecentral.spi.inference;

import org.usedecentral.spi.PluginProvider;

/** Makes inference backends. */
public interface InferenceBackendProvider extends PluginProvider<InferenceBackend> {}
