/** JMH benchmarks of what is done once a token, a frame or a job. */
@NullMarked
package org.usedecentral.benchmarks;

import org.jspecify.annotations.NullMarked;
