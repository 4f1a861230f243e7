/** JSON schemas as grammars: what a model writes under such a grammar satisfies the schema. */
@NullMarked
package org.usedecentral.backend.llamacpp.schema;

import org.jspecify.annotations.NullMarked;
