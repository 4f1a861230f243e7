/** A routing policy of your own: prefers workers of one region. */
@NullMarked
package org.usedecentral.samples.routing;

import org.jspecify.annotations.NullMarked;
