/** Inference backends: requests, pulled token streams, model cards. */
@NullMarked
package org.usedecentral.spi.inference;

import org.jspecify.annotations.NullMarked;
