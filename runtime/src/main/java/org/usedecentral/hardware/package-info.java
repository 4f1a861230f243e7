/** What a machine has to run models on: asked of the operating system and of the drivers' own tools. */
@NullMarked
package org.usedecentral.hardware;

import org.jspecify.annotations.NullMarked;
