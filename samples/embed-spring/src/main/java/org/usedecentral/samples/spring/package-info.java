/** A Spring Boot service with a node inside. */
@NullMarked
package org.usedecentral.samples.spring;

import org.jspecify.annotations.NullMarked;
