package org.usedecentral.models;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.usedecentral.spi.Bytes;

/**
 * A folder of native libraries, unpacked from an archive whose digest had been checked. A manifest in it lists every file: a library more
 * or less, or of another size, and the folder is not used, since an engine loads whatever it finds beside it.
 */
final class EngineFolder {
    private static final String MANIFEST = "manifest.txt";
    private static final int MAX_MANIFEST = 1 << 20;
    private static final long MAX_UNPACKED = 8L << 30;
    private static final int MAX_ENTRIES = 10_000;
    private static final Pattern LIBRARY =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]{0,120}\\.(so|dylib|dll|metal)(\\.[0-9.]{1,20})?");

    private EngineFolder() {}

    /**
     * Takes the libraries that lie directly in {@code folder} of a {@code .tar.gz}; nothing else in it is written anywhere.
     *
     * @param archive of digest {@code sha256}, which the caller has checked
     * @param into a new folder
     */
    static void unpack(Path archive, Bytes sha256, String folder, Path into)
            throws FetchFailure, IOException, InterruptedException {
        Files.createDirectories(into);
        List<String> manifest = new ArrayList<>();
        manifest.add("archive " + sha256.hex());
        try (TarReader tar = new TarReader(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive), 1 << 16)),
                MAX_UNPACKED,
                MAX_ENTRIES)) {
            for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                if (!entry.folder() && entry.path().startsWith(folder)) {
                    String name = entry.path().substring(folder.length());
                    if (LIBRARY.matcher(name).matches()) {
                        manifest.add(write(tar, into.resolve(name)) + " " + entry.size() + " " + name);
                    }
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new FetchFailure("the archive holds a file twice: " + e.getMessage(), e);
        }
        if (manifest.size() == 1) {
            throw new FetchFailure("the archive holds no native library in '" + folder + "'");
        }
        Files.write(into.resolve(MANIFEST), manifest);
    }

    private static String write(TarReader tar, Path file) throws IOException, InterruptedException {
        MessageDigest digest = Digests.sha256();
        byte[] buffer = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int n = tar.read(buffer, 0, buffer.length); n >= 0; n = tar.read(buffer, 0, buffer.length)) {
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while unpacking " + file);
                }
            }
        }
        return Bytes.of(digest.digest()).hex();
    }

    /** Whether {@code folder} holds what {@link #unpack} put there, by names and sizes. */
    static boolean intact(Path folder, Bytes sha256) throws IOException {
        List<String> manifest;
        try {
            Path file = folder.resolve(MANIFEST);
            if (Files.size(file) > MAX_MANIFEST) {
                return false;
            }
            manifest = Files.readAllLines(file);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        }
        if (manifest.isEmpty() || !manifest.getFirst().equals("archive " + sha256.hex())) {
            return false;
        }
        List<String> expected = new ArrayList<>(List.of(MANIFEST));
        for (String line : manifest.subList(1, manifest.size())) {
            String[] parts = line.split(" ", 3);
            if (parts.length != 3 || !hasSize(folder.resolve(parts[2]), parts[1])) {
                return false;
            }
            expected.add(parts[2]);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .sorted()
                    .toList()
                    .equals(expected.stream().sorted().toList());
        }
    }

    /** What is wrong with a folder, after reading every file of it; empty: nothing. */
    static List<String> damage(Path folder, Bytes sha256) throws IOException, InterruptedException {
        if (!intact(folder, sha256)) {
            return List.of(folder + " does not hold the files of its " + MANIFEST + ", or has none for this version");
        }
        List<String> damage = new ArrayList<>();
        List<String> manifest = Files.readAllLines(folder.resolve(MANIFEST));
        for (String line : manifest.subList(1, manifest.size())) {
            String[] parts = line.split(" ", 3);
            Path file = folder.resolve(parts[2]);
            String found = Digests.sha256(file).hex();
            if (!found.equals(parts[0])) {
                damage.add(file + " has SHA-256 " + found + ", not " + parts[0]);
            }
        }
        return damage;
    }

    private static boolean hasSize(Path file, String size) throws IOException {
        return Files.isRegularFile(file) && size.equals(Long.toString(Files.size(file)));
    }
}
