/** The byte layouts of docs/protocol.md: what every implementation signs and hashes. */
@NullMarked
package org.usedecentral.spi.protocol;

import org.jspecify.annotations.NullMarked;
