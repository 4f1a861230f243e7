package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    private static Map<String, String> read(byte[] tar, long maxBytes, int maxEntries)
            throws IOException, FetchFailure {
        Map<String, String> files = new LinkedHashMap<>();
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar), maxBytes, maxEntries)) {
            for (TarReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                byte[] buffer = new byte[3];
                for (int n = reader.read(buffer, 0, 3); n >= 0; n = reader.read(buffer, 0, 3)) {
                    content.write(buffer, 0, n);
                }
                files.put(entry.path(), entry.folder() ? "folder" : content.toString(StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    @Test
    void readsFilesAndFolders() throws Exception {
        byte[] tar = new TarBuilder()
                .entry("a/", '5', new byte[0])
                .file("a/b", HELLO)
                .entry("./", '5', new byte[0])
                .file("./c", new byte[0])
                .tar();
        assertThat(read(tar, 1000, 10))
                .containsExactly(
                        Map.entry("a/", "folder"),
                        Map.entry("a/b", "hello"),
                        Map.entry("./", "folder"),
                        Map.entry("c", ""));
    }

    @Test
    void readsLongPathsOfBothKinds() throws Exception {
        String path = "x/".repeat(120) + "ü";
        assertThat(read(new TarBuilder().pax("path", path).file("short", HELLO).tar(), 10_000, 10))
                .containsExactly(Map.entry(path, "hello"));
        byte[] gnu = (path + "\0").getBytes(StandardCharsets.UTF_8);
        assertThat(read(
                        new TarBuilder()
                                .entry("././@LongLink", 'L', gnu)
                                .file("short", HELLO)
                                .tar(),
                        10_000,
                        10))
                .containsExactly(Map.entry(path, "hello"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/../../evil", "/etc/evil", "a/./b", "a//b", "a\\..\\evil", "C:evil", "a/.."})
    void refusesPathsThatLeadOut(String path) {
        assertThatThrownBy(() -> read(new TarBuilder().file(path, HELLO).tar(), 1000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("leads out");
        assertThatThrownBy(() -> read(
                        new TarBuilder().pax("path", path).file("good", HELLO).tar(), 5000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("leads out");
    }

    @ParameterizedTest
    @ValueSource(chars = {'1', '2', '3', '4', '6', 'S'})
    void refusesLinksAndDevices(char type) {
        assertThatThrownBy(() ->
                        read(new TarBuilder().entry("link", type, new byte[0]).tar(), 1000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("link or device");
    }

    @Test
    void keepsToItsLimits() {
        byte[] tar = new TarBuilder()
                .file("a", new byte[600])
                .file("b", new byte[600])
                .tar();
        assertThatThrownBy(() -> read(tar, 1199, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("1199");
        assertThatThrownBy(() -> read(tar, 5000, 1))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("1 entries");
        byte[] boast = new TarBuilder()
                .pax("size", "9000000000000000000")
                .file("a", HELLO)
                .tar();
        assertThatThrownBy(() -> read(boast, 5000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("5000");
    }

    @Test
    void refusesDamage() {
        byte[] tar = new TarBuilder().file("a", HELLO).tar();
        byte[] changed = tar.clone();
        changed[3] ^= 1;
        assertThatThrownBy(() -> read(changed, 1000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("damaged");
        for (int length : new int[] {100, 514}) {
            assertThatThrownBy(() -> read(Arrays.copyOf(tar, length), 1000, 10)).isInstanceOf(EOFException.class);
        }
        byte[] bad = new TarBuilder()
                .entry("p", 'x', "999 path=x\n".getBytes(StandardCharsets.UTF_8))
                .tar();
        assertThatThrownBy(() -> read(bad, 1000, 10))
                .isInstanceOf(FetchFailure.class)
                .hasMessageContaining("malformed");
    }
}
