/** Time as the runtime sees it: a clock and alarms that tests can turn. */
@NullMarked
package org.usedecentral.time;

import org.jspecify.annotations.NullMarked;
