package org.usedecentral.models;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Takes one file of a known size out of a package: a wheel, which is a zip, or npm's {@code .tgz}. */
final class PackageFile {
    private static final long MAX_UNPACKED = 64L << 30;
    private static final int MAX_ENTRIES = 100_000;

    private PackageFile() {}

    /**
     * Writes the file {@code inside} to {@code target}.
     *
     * @param size what the catalogue says; nothing longer is written
     */
    static void extract(Path archive, String inside, long size, Path target)
            throws FetchFailure, IOException, InterruptedException {
        if (archive.getFileName().toString().endsWith(".tgz")) {
            fromTar(archive, inside, size, target);
        } else {
            fromZip(archive, inside, size, target);
        }
    }

    private static void fromZip(Path archive, String inside, long size, Path target)
            throws FetchFailure, IOException, InterruptedException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.getEntry(inside);
            if (entry == null || entry.isDirectory()) {
                throw missing(archive, inside);
            }
            try (InputStream in = zip.getInputStream(entry)) {
                copy(in::read, size, target);
            }
        } catch (ZipException e) {
            throw new FetchFailure(archive.getFileName() + " is damaged: " + e.getMessage(), e);
        }
    }

    private static void fromTar(Path archive, String inside, long size, Path target)
            throws FetchFailure, IOException, InterruptedException {
        try (TarReader tar = new TarReader(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive), 1 << 16)),
                MAX_UNPACKED,
                MAX_ENTRIES)) {
            for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                if (!entry.folder() && entry.path().equals(inside)) {
                    copy(tar::read, size, target);
                    return;
                }
            }
        }
        throw missing(archive, inside);
    }

    private static void copy(Reader in, long size, Path target) throws FetchFailure, IOException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        long written = 0;
        try (OutputStream out = Files.newOutputStream(
                target, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (int n = in.read(buffer, 0, buffer.length); n >= 0; n = in.read(buffer, 0, buffer.length)) {
                written += n;
                if (written > size) {
                    throw new FetchFailure(
                            "the file in the package is longer than the " + size + " bytes of the catalogue");
                }
                out.write(buffer, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while unpacking " + target);
                }
            }
        }
    }

    private static FetchFailure missing(Path archive, String inside) {
        return new FetchFailure(archive.getFileName() + " holds no file " + inside);
    }

    private interface Reader {
        int read(byte[] buffer, int offset, int length) throws IOException;
    }
}
