/** Context-free grammars that a model's output is held to: GBNF, their compiled form, and the matching of bytes. */
@NullMarked
package org.usedecentral.backend.llamacpp.grammar;

import org.jspecify.annotations.NullMarked;
