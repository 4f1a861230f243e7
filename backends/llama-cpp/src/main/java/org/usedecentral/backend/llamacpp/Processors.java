package org.usedecentral.backend.llamacpp;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many threads may compute: two on one core share its arithmetic units and only wait for each other. */
final class Processors {
    private static final Path LINUX = Path.of("/sys/devices/system/cpu");

    private Processors() {}

    /** Physical cores where the system says so, at most what this process may use; at least 1. */
    static int physical() {
        int available = Runtime.getRuntime().availableProcessors();
        int cores = linuxCores();
        return Math.max(1, cores == 0 ? available : Math.min(cores, available));
    }

    /** 0 where it is not known. */
    private static int linuxCores() {
        Set<String> cores = new HashSet<>();
        try (DirectoryStream<Path> cpus = Files.newDirectoryStream(LINUX, "cpu[0-9]*")) {
            for (Path cpu : cpus) {
                Path siblings = cpu.resolve("topology/thread_siblings_list");
                if (Files.isReadable(siblings)) {
                    cores.add(Files.readString(siblings).strip());
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return cores.size();
    }
}
