/** Tests of the backend for OpenAI-compatible servers. */
@NullMarked
package org.usedecentral.backend.openai;

import org.jspecify.annotations.NullMarked;
