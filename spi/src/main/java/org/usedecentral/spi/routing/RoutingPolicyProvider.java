package org.usedecentral.spi.routing;

import org.usedecentral.spi.PluginProvider;

/** Makes routing policies. */
public interface RoutingPolicyProvider extends PluginProvider<RoutingPolicy> {}
