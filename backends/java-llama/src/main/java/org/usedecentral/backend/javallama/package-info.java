/** The java-llama.cpp library as an engine, with its limits declared: see {@code docs/rationale.md}. */
@NullMarked
package org.usedecentral.backend.javallama;

import org.jspecify.annotations.NullMarked;
