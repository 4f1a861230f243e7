package org.usedecentral.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.usedecentral.models.FetchLimits.Deadline;
import org.usedecentral.models.Source.Client;

/**
 * Fetches packages with npm and pip, as programs: they know the registry, mirror, proxy and credentials that the user has configured, and
 * they check the registry's own digest. Thread-safe.
 */
final class PackageClients {
    private static final long SPARE_BYTES = 64L << 20;

    /** One version for everybody, so that a fetch does not depend on what a machine has seen before. */
    private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";

    private final Programs programs;
    private final Duration limit;
    private final LongSupplier nanoTime;

    /** How the clients are called; each word of a list is one argument. */
    record Programs(List<String> npm, List<String> python, List<String> maven) {
        Programs {
            npm = List.copyOf(npm);
            python = List.copyOf(python);
            maven = List.copyOf(maven);
        }

        String program(Client client) {
            return switch (client) {
                case NPM -> npm.getFirst();
                case PIP -> python.getFirst();
                case MAVEN -> maven.getFirst();
            };
        }
    }

    PackageClients(Programs programs, Duration limit, LongSupplier nanoTime) {
        this.programs = programs;
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    /** The clients on the PATH. */
    static PackageClients onPath(Platform platform, Duration limit, LongSupplier nanoTime) {
        boolean windows = platform.os().equals("windows");
        Programs programs = new Programs(
                List.of(windows ? "npm.cmd" : "npm"),
                List.of(windows ? "python" : "python3"),
                List.of(windows ? "mvn.cmd" : "mvn"));
        return new PackageClients(programs, limit, nanoTime);
    }

    /**
     * Fetches a package into {@code folder}, which is new and empty, and runs nothing of what is in it.
     *
     * @param bytes told how much has arrived, as far as that can be seen
     */
    Path fetch(Source.Packaged wanted, Path folder, LongConsumer bytes)
            throws FetchFailure, IOException, InterruptedException {
        Path target = Files.createDirectories(folder.resolve("package"));
        // Where pip downloads before it moves the file; the system's own folder for such things may be small.
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        ChildProcess.Invocation invocation = new ChildProcess.Invocation(
                command(wanted, target), folder, Map.of("TMPDIR", temporary.toString(), "NO_UPDATE_NOTIFIER", "1"));
        // Twice, because the file may lie in both folders for a moment.
        long most = wanted.packageBytes() == 0 ? Long.MAX_VALUE : 2 * wanted.packageBytes() + SPARE_BYTES;
        Deadline deadline = FetchLimits.deadline(nanoTime, limit);
        ChildProcess.Outcome outcome;
        try {
            outcome = ChildProcess.run(invocation, deadline, () -> {
                long size = sizeOf(folder);
                if (size > most) {
                    throw new FetchFailure(
                            "the package is larger than the " + wanted.packageBytes() + " bytes of the catalogue");
                }
                bytes.accept(size);
            });
        } catch (IOException e) {
            throw absent(wanted.client(), e);
        }
        if (outcome.exitCode() != 0) {
            throw failed(wanted.client(), outcome);
        }
        return only(target, wanted);
    }

    private List<String> command(Source.Packaged wanted, Path target) {
        List<String> command = new ArrayList<>();
        switch (wanted.client()) {
            case NPM -> {
                command.addAll(programs.npm());
                command.addAll(List.of("pack", wanted.name() + "@" + wanted.version()));
                command.addAll(List.of("--pack-destination", target.toString()));
                command.addAll(List.of("--ignore-scripts", "--loglevel=error"));
            }
            case PIP -> {
                command.addAll(programs.python());
                // Wheels only: to get at a source distribution pip would run its build.
                command.addAll(List.of("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"));
                command.addAll(List.of("--disable-pip-version-check", "--progress-bar=off", "-d", target.toString()));
                command.add(wanted.name() + "==" + wanted.version());
            }
            case MAVEN -> {
                command.addAll(programs.maven());
                command.addAll(List.of("--batch-mode", "--quiet", COPY));
                command.add("-Dartifact=" + wanted.name() + ":" + wanted.version() + ":jar");
                command.add("-DoutputDirectory=" + target);
            }
        }
        return command;
    }

    private static Path only(Path target, Source.Packaged wanted) throws FetchFailure, IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(target)) {
            files = found.filter(Files::isRegularFile).limit(2).toList();
        }
        if (files.size() != 1) {
            throw new FetchFailure(
                    "the client left " + (files.isEmpty() ? "no file" : "more than one file") + " for " + wanted);
        }
        return files.getFirst();
    }

    private FetchFailure absent(Client client, IOException cause) {
        String remedy = switch (client) {
            case NPM -> "install Node.js with npm, for example: apt-get install npm, brew install node";
            case PIP -> "install Python 3 with pip, for example: apt-get install python3-pip, brew install python";
            case MAVEN -> "install Maven, for example: apt-get install maven, brew install maven";
        };
        return new FetchFailure(programs.program(client) + " cannot be run; " + remedy, cause);
    }

    private FetchFailure failed(Client client, ChildProcess.Outcome outcome) {
        String words = String.join(" | ", outcome.lastLines());
        if (client == Client.PIP && words.contains("No module named pip")) {
            return new FetchFailure(programs.program(client)
                    + " has no pip; install it, for example: apt-get install python3-pip, python3 -m ensurepip");
        }
        String program = switch (client) {
            case NPM -> "npm pack";
            case PIP -> "pip download";
            case MAVEN -> "mvn dependency:copy";
        };
        return new FetchFailure(program + " ended with " + outcome.exitCode() + ": " + words);
    }

    private static long sizeOf(Path folder) {
        try (Stream<Path> files = Files.find(folder, 8, (_, attributes) -> attributes.isRegularFile())) {
            return files.mapToLong(PackageClients::size).sum();
        } catch (IOException | UncheckedIOException e) {
            // The client removed a folder in between: look again next time.
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).size();
        } catch (IOException e) {
            // The client removed or renamed it in between.
            return 0;
        }
    }
}
