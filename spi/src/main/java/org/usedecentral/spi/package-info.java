/** What every plugin shares: its life cycle, its context, values and the one exception. */
@NullMarked
package org.usedecentral.spi;

import org.jspecify.annotations.NullMarked;
