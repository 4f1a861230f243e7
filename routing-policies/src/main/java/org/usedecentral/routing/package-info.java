/** The policies that come with Decentral: stake, reputation, latency, load. Pure, O(n), nothing allocated per candidate. */
@NullMarked
package org.usedecentral.routing;

import org.jspecify.annotations.NullMarked;
