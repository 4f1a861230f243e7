/** The connection between orchestrator and worker: frames, sealing, lanes, sinks. */
@NullMarked
package org.usedecentral.link;

import org.jspecify.annotations.NullMarked;
