package org.usedecentral.spi.models;

import org.usedecentral.spi.PluginProvider;

/** Makes model sources. */
public interface ModelSourceProvider extends PluginProvider<ModelSource> {}
