package org.usedecentral.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.Sha256;

/** Installs official clients by pip and npm, from locks with hashes, once: below {@code target/clients}, by the hash of the lock. Stateless. */
final class InstalledClient {
    private InstalledClient() {}

    /** A folder for {@code PYTHONPATH}. */
    static Path python(Duration limit) throws IOException, InterruptedException {
        Path lock = Built.clients().resolve("python/requirements.txt");
        return install(
                "python",
                List.of(lock),
                limit,
                folder -> List.of(
                        "python3",
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--no-input",
                        "--require-hashes",
                        "--only-binary=:all:",
                        "--target",
                        ".",
                        "-r",
                        "requirements.txt"));
    }

    /** A folder with {@code node_modules}. */
    static Path node(Duration limit) throws IOException, InterruptedException {
        Path sources = Built.clients().resolve("node");
        List<Path> files = List.of(sources.resolve("package-lock.json"), sources.resolve("package.json"));
        return install(
                "node",
                files,
                limit,
                folder -> List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
    }

    /** The command that installs into the folder it is run in. */
    private interface Installer {
        List<String> words(Path folder);
    }

    private static Path install(String language, List<Path> files, Duration limit, Installer installer)
            throws IOException, InterruptedException {
        StringBuilder content = new StringBuilder();
        for (Path file : files) {
            content.append(Files.readString(file));
        }
        String digest = Sha256.of(Bytes.utf8(content.toString())).hex().substring(0, 12);
        Path folder = Built.target().resolve("clients/" + language + "-" + digest);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path fresh = Files.createTempDirectory(Files.createDirectories(folder.getParent()), language);
        for (Path file : files) {
            Files.copy(file, fresh.resolve(file.getFileName()));
        }
        List<String> words = installer.words(fresh);
        try (Launched client = Launched.start(new Launched.Command(words.getFirst(), words, fresh, Map.of()))) {
            if (client.awaitExit(limit) != 0) {
                throw new AssertionError("the official client is not installed: " + client.standardError());
            }
        }
        Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        return folder;
    }
}
