/** A whole network in one JVM, with a turned clock and faults on its links. */
@NullMarked
package org.usedecentral.testkit.network;

import org.jspecify.annotations.NullMarked;
