/** The peer-to-peer mesh. */
@NullMarked
package org.usedecentral.spi.mesh;

import org.jspecify.annotations.NullMarked;
