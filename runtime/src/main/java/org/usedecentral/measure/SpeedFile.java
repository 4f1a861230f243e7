package org.usedecentral.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Speeds that were measured, in {@code speeds.json} of a data directory. One that is a week old is measured anew; so is everything if the file is damaged or
 * cannot be written, since it holds nothing that cannot be had again. One thread.
 */
public final class SpeedFile {
    private static final Logger LOG = System.getLogger(SpeedFile.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIFE = Duration.ofDays(7);
    private static final long MOST_BYTES = 1 << 20;
    private static final int MOST_ENTRIES = 256;

    private final Path file;
    private final Clock clock;
    private final ObjectNode entries;

    private SpeedFile(Path file, Clock clock, ObjectNode entries) {
        this.file = file;
        this.clock = clock;
        this.entries = entries;
    }

    /** The file of a data directory, be it there or not. */
    public static SpeedFile in(Path directory, Clock clock) {
        Path file = directory.resolve("speeds.json");
        ObjectNode entries = JSON.createObjectNode();
        try {
            if (Files.exists(file)
                    && Files.size(file) <= MOST_BYTES
                    && JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode read) {
                entries = read;
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be read, speeds are measured anew: {1}", file, e.getMessage());
        }
        return new SpeedFile(file, clock, entries);
    }

    Optional<SelfTest.Speed> find(String key) {
        JsonNode entry = entries.path(key);
        SelfTest.Speed speed = new SelfTest.Speed(
                entry.path("prefill").asDouble(), entry.path("decode").asDouble());
        Instant measured = Instant.ofEpochSecond(entry.path("measured").asLong());
        Instant now = clock.instant();
        boolean young = !measured.isAfter(now) && measured.plus(LIFE).isAfter(now);
        return young && speed.isKnown() ? Optional.of(speed) : Optional.empty();
    }

    void put(String key, SelfTest.Speed speed) {
        if (entries.size() >= MOST_ENTRIES && !entries.has(key)) {
            entries.removeAll();
        }
        entries.putObject(key)
                .put("prefill", speed.prefill())
                .put("decode", speed.decode())
                .put("measured", clock.instant().getEpochSecond());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(entries));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written, speeds are measured at the next start: {1}", file, e);
        }
    }
}
