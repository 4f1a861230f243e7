/** Routing policies and what they see of a job and of the workers. */
@NullMarked
package org.usedecentral.spi.routing;

import org.jspecify.annotations.NullMarked;
