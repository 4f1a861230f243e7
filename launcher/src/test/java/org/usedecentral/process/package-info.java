/** The packaged executable, started as processes: with official clients, with a gateway and two workers, and killed. */
@NullMarked
package org.usedecentral.process;

import org.jspecify.annotations.NullMarked;
