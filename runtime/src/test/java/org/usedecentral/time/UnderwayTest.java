package org.usedecentral.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class UnderwayTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private final Underway underway = new Underway();

    @Test
    void nothingIsNotWaitedFor() {
        assertThat(underway.awaitNone(Duration.ZERO)).isTrue();
    }

    @Test
    void everythingThatBeganIsWaitedFor() throws InterruptedException {
        underway.begin();
        underway.begin();
        Thread ending = Thread.ofVirtual().start(() -> {
            underway.end();
            underway.end();
        });
        assertThat(underway.awaitNone(LONG)).isTrue();
        ending.join();
        underway.begin();
        assertThat(underway.awaitNone(Duration.ofMillis(1))).isFalse();
    }

    @Test
    void whatDoesNotEndIsNotWaitedForForEver() {
        underway.begin();
        assertThat(underway.awaitNone(Duration.ofMillis(20))).isFalse();
        Thread.currentThread().interrupt();
        assertThat(underway.awaitNone(LONG)).isFalse();
        assertThat(Thread.interrupted()).as("the interrupt is passed on").isTrue();
    }

    @Test
    void nothingEndsThatDidNotBegin() {
        assertThatThrownBy(underway::end).isInstanceOf(IllegalStateException.class);
    }
}
