/** A Helidon service with a node of its own. */
@NullMarked
package org.usedecentral.samples.embed;

import org.jspecify.annotations.NullMarked;
