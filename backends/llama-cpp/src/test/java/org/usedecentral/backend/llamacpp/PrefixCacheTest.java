package org.usedecentral.backend.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrefixCacheTest {
    private static final boolean[] ALL = {true, true, true};

    /** The tokens 0, 1, 2 … but for {@code different}, from which on they are others. */
    private static int[] prompt(int length, int different) {
        return IntStream.range(0, length).map(i -> i < different ? i : -i).toArray();
    }

    private static PrefixCache cache() {
        return new PrefixCache(3, 4, true);
    }

    @Test
    void keepsWholeChunksOfWhatWasComputed() {
        PrefixCache cache = cache();
        assertThat(cache.keep(0, prompt(11, 11), 30)).isEqualTo(8);
        assertThat(cache.keep(1, prompt(11, 11), 7)).isEqualTo(4);
        assertThat(cache.keep(2, prompt(11, 11), 3)).isZero();
        assertThat(cache.keep(2, prompt(8, 8), 8)).isEqualTo(8);
    }

    @Test
    void sharesUpToTheLastChunkThatIsAllTheSame() {
        PrefixCache cache = cache();
        cache.keep(0, prompt(12, 12), 12);
        assertThat(cache.shared(0, prompt(20, 20), 99)).isEqualTo(12);
        assertThat(cache.shared(0, prompt(20, 11), 99)).isEqualTo(8);
        assertThat(cache.shared(0, prompt(20, 3), 99)).isZero();
        assertThat(cache.shared(0, prompt(6, 6), 99)).isEqualTo(4);
        // The last token is always computed.
        assertThat(cache.shared(0, prompt(12, 12), 99)).isEqualTo(8);
        assertThat(cache.shared(0, prompt(13, 13), 99)).isEqualTo(12);
        assertThat(cache.shared(0, new int[0], 99)).isZero();
        assertThat(cache.shared(0, prompt(20, 20), 9)).isEqualTo(8);
    }

    @Test
    void choosesTheSlotThatSavesMostThenAnEmptyOneThenTheOldest() {
        PrefixCache cache = cache();
        cache.keep(0, prompt(8, 8), 8);
        cache.keep(1, prompt(12, 12), 12);
        assertThat(cache.choose(prompt(20, 20), 99, ALL)).isEqualTo(1);
        assertThat(cache.choose(prompt(20, 20), 99, new boolean[] {true, false, true}))
                .isZero();
        assertThat(cache.choose(prompt(20, 0), 99, ALL)).isEqualTo(2);
        cache.keep(2, prompt(8, 0), 8);
        assertThat(cache.choose(prompt(20, 3), 99, ALL)).isZero();
        cache.keep(0, prompt(8, 8), 8);
        assertThat(cache.choose(prompt(20, 3), 99, ALL)).isEqualTo(1);
    }

    @Test
    void countsWhatItSaved() {
        PrefixCache cache = cache();
        cache.begin(0, prompt(10, 10), 0);
        cache.keep(0, prompt(10, 10), 10);
        cache.begin(0, prompt(10, 10), 8);
        assertThat(cache.use()).isEqualTo(new PrefixCache.Use(2, 1, 20, 8));
        assertThat(cache.use().hitRate()).isEqualTo(0.4);
        assertThat(cache.shared(0, prompt(10, 10), 99)).as("taken").isZero();
    }

    @Test
    void switchedOffItKeepsNothing() {
        PrefixCache cache = new PrefixCache(2, 4, false);
        int[] prompt = prompt(8, 8);
        assertThat(cache.keep(0, prompt, 8)).isZero();
        assertThat(cache.shared(0, Arrays.copyOf(prompt, 9), 99)).isZero();
    }
}
