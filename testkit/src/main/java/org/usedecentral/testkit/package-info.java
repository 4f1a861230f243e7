/** Fakes and contract tests for whoever writes a plugin or embeds a node. */
@NullMarked
package org.usedecentral.testkit;

import org.jspecify.annotations.NullMarked;
