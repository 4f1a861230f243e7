/** Takes jobs: price, lock, route, relay, settle. */
@NullMarked
package org.usedecentral.orchestrator;

import org.jspecify.annotations.NullMarked;
