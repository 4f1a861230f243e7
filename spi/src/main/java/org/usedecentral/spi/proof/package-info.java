/** Proof schemes: what a worker signs and what others verify. */
@NullMarked
package org.usedecentral.spi.proof;

import org.jspecify.annotations.NullMarked;
