package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

final class ThreadPaceTest {
    private static final long MILLISECOND = 1_000_000L;

    private long now = 1;

    @Test
    void keepsAllThreadsWhileTheyPay() {
        ThreadPace pace = new ThreadPace(8);
        long probes = run(pace, 5_000, 4, threads -> 80 * MILLISECOND / threads);
        // Trying costs less and less: 400 s at ever longer intervals.
        assertThat(probes).isBetween(3L, 80L);
        assertThat(pace.threads(4, now)).isEqualTo(8);
    }

    @Test
    void goesDownWhenOthersTakeTheCoresAndUpAgainAfterwards() {
        ThreadPace pace = new ThreadPace(2);
        run(pace, 100, 1, threads -> 10 * MILLISECOND / threads);
        IntToLongFunction crowded = threads -> threads == 2 ? 150 * MILLISECOND : 20 * MILLISECOND;
        run(pace, 60, 1, crowded);
        assertThat(pace.threads(1, now)).isEqualTo(1);
        run(pace, 5_000, 1, threads -> 10 * MILLISECOND / threads);
        assertThat(pace.threads(1, now)).isEqualTo(2);
    }

    @Test
    void beginsWithFewerOnABusyMachine() {
        ThreadPace pace = new ThreadPace(4);
        pace.begin(threads -> threads == 4 ? 100 : 50);
        assertThat(pace.threads()).isEqualTo(2);
        ThreadPace calm = new ThreadPace(4);
        calm.begin(threads -> 100 / threads);
        assertThat(calm.threads()).isEqualTo(4);
    }

    @Test
    void isNotMisledByBatchesOfAnotherSize() {
        ThreadPace pace = new ThreadPace(2);
        for (int i = 0; i < 500; i++) {
            int tokens = 1 + i / 50 % 2 * 7;
            run(pace, 1, tokens, threads -> MILLISECOND * 10 * tokens / threads);
        }
        assertThat(pace.threads(1, now)).isEqualTo(2);
    }

    @Test
    void oneThreadIsOne() {
        ThreadPace pace = new ThreadPace(1);
        assertThat(run(pace, 100, 1, _ -> MILLISECOND)).isZero();
    }

    /** Runs steps and returns how many had other than the most threads seen. */
    private long run(ThreadPace pace, int steps, int tokens, IntToLongFunction time) {
        int most = 0;
        long fewer = 0;
        for (int i = 0; i < steps; i++) {
            int threads = pace.threads(tokens, now);
            most = Math.max(most, threads);
            fewer += threads < most ? 1 : 0;
            long took = time.applyAsLong(threads);
            now += took;
            pace.took(took, now);
        }
        return fewer;
    }
}
