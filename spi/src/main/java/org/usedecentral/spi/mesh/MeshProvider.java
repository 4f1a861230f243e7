package org.usedecentral.spi.mesh;

import org.usedecentral.spi.PluginProvider;

/** Makes meshes. */
public interface MeshProvider extends PluginProvider<Mesh> {}
