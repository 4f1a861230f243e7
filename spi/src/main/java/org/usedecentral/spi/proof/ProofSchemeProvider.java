package org.usedecentral.spi.proof;

import org.usedecentral.spi.PluginProvider;

/** Makes proof schemes. */
public interface ProofSchemeProvider extends PluginProvider<ProofScheme> {}
