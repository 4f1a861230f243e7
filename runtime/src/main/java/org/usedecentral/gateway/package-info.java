/** The HTTP edge: an OpenAI-compatible API in front of {@link org.usedecentral.orchestrator.Jobs}. */
@NullMarked
package org.usedecentral.gateway;

import org.jspecify.annotations.NullMarked;
