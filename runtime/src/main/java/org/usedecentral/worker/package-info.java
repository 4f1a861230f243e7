/** Runs jobs: opens, generates, proves. */
@NullMarked
package org.usedecentral.worker;

import org.jspecify.annotations.NullMarked;
