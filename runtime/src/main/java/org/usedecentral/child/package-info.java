/** Processes that this one starts. */
@NullMarked
package org.usedecentral.child;

import org.jspecify.annotations.NullMarked;
