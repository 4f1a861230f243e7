package org.usedecentral.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prompts and answers are nobody's business: not the logs', not the disk's, not that of whoever listens between gateway and worker. */
@Timeout(600)
final class SecrecyIT {
    private static final String CANARY = "Quetzalcoatlus-7f3a91";
    private static final GatewayProcess.Plan PLAN =
            new GatewayProcess.Plan(List.of("gateway", "--verbose"), Map.of(), Map.of());

    @TempDir
    private static Path directory;

    @Test
    void promptsAndAnswersAreSeenByClientAndWorkerAlone() throws Exception {
        Map<String, String> worker = Map.of("backends.0.slots", "1");
        try (ThreeProcesses network = ThreeProcesses.start(directory, PLAN, List.of(worker, worker))) {
            List<String> secrets = new ArrayList<>(Base64s.of(CANARY));
            secrets.add(CANARY);
            List<String> words = new ArrayList<>();
            String prompt = "My name is " + CANARY + ". Describe the animals of the Serengeti.";
            for (int i = 0; i < 4; i++) {
                try (Streamed stream = network.api().stream(GatewayApi.chat(prompt, 60))) {
                    stream.readToEnd();
                    assertThat(stream.reasons()).hasSize(1);
                    secrets.addAll(windows(stream.text()));
                    words.addAll(words(stream.pieces()));
                    network.api().awaitReceipt(stream.job());
                }
            }
            // One that fails where most could be said about it.
            assertThat(network.api()
                            .complete(GatewayApi.chat(CANARY.repeat(1_000), 4))
                            .error())
                    .isEqualTo("context_length_exceeded");

            // A search that finds nothing says little unless it finds what must be there.
            Map<String, byte[]> wires = wires(network);
            assertFound(wires, "from worker", Base64s.of(Built.MODEL));
            assertFound(wires, "to worker", List.of("\"assignment\""));
            assertThat(network.output())
                    .allSatisfy((name, said) -> assertThat(said).contains("linked"));
            assertThat(words).isNotEmpty();
            assertNothingOf(secrets, wires);
            assertNothingOf(words, wires);
            assertNothingOf(secrets, outputsAndFiles(network));
        }
    }

    /** Parts of an answer that are long enough to stand nowhere else by chance. */
    private static List<String> windows(String text) {
        assertThat(text).hasSizeGreaterThan(50);
        List<String> windows = new ArrayList<>();
        for (int at = 0; at + 24 <= text.length(); at += 12) {
            windows.add(text.substring(at, at + 24));
        }
        return windows;
    }

    /** Chunks that are words of their own: a frame on the wire often carries one chunk, so an answer could leak in pieces. */
    private static List<String> words(List<String> pieces) {
        return pieces.stream()
                .filter(piece -> piece.matches(" \\p{L}{7,}"))
                .distinct()
                .toList();
    }

    private static Map<String, byte[]> outputsAndFiles(ThreeProcesses network) throws IOException {
        Map<String, byte[]> places = new HashMap<>();
        network.output()
                .forEach((name, said) -> places.put("output of " + name, said.getBytes(StandardCharsets.UTF_8)));
        for (Path file : network.files()) {
            places.put(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
        return places;
    }

    private static void assertNothingOf(List<String> secrets, Map<String, byte[]> places) {
        assertThat(places).isNotEmpty();
        places.forEach((place, bytes) -> {
            for (String secret : secrets) {
                assertThat(contains(bytes, secret))
                        .as("%s has '%s'", place, secret)
                        .isFalse();
            }
        });
    }

    /** What each tap saw, both as it was and, of WebSockets, without the masks. */
    private static Map<String, byte[]> wires(ThreeProcesses network) {
        Map<String, byte[]> wires = new HashMap<>();
        for (WorkerProcess worker : network.workers()) {
            int number = 0;
            for (WireTap.Recorded recorded : worker.tap().recorded()) {
                String name = "connection " + number++ + " of " + worker.account();
                byte[] from = recorded.fromWorker().toByteArray();
                byte[] to = recorded.toWorker().toByteArray();
                wires.put(name + ", from worker", from);
                wires.put(name + ", to worker", to);
                if (WebSocketBytes.isWebSocket(from)) {
                    wires.put(name + ", from worker, unmasked", WebSocketBytes.payloads(from));
                    wires.put(name + ", to worker, unmasked", WebSocketBytes.payloads(to));
                }
            }
        }
        return wires;
    }

    private static void assertFound(Map<String, byte[]> wires, String direction, List<String> known) {
        assertThat(wires.entrySet().stream()
                        .filter(wire -> wire.getKey().contains(direction + ", unmasked"))
                        .anyMatch(wire -> known.stream().anyMatch(text -> contains(wire.getValue(), text))))
                .as("'%s' %s", known, direction)
                .isTrue();
    }

    private static boolean contains(byte[] bytes, String text) {
        // One character a byte, so that a search in text is one in bytes.
        String searched = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(searched);
    }

    /** Base64 of a text wherever it stands in what was encoded. */
    private static final class Base64s {
        private Base64s() {}

        static List<String> of(String text) {
            List<String> found = new ArrayList<>();
            for (int before = 0; before < 3; before++) {
                byte[] shifted = ("\0".repeat(before) + text).getBytes(StandardCharsets.UTF_8);
                String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
                // The first characters depend on what stands before, the last one on what follows.
                String sure = encoded.substring((before * 8 + 5) / 6, encoded.length() - 1);
                found.add(sure);
                found.add(sure.replace('+', '-').replace('/', '_'));
            }
            return found;
        }
    }
}
