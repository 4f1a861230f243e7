/** The network's faults, one by one, in one JVM with a turned clock. */
@NullMarked
package org.usedecentral.network;

import org.jspecify.annotations.NullMarked;
