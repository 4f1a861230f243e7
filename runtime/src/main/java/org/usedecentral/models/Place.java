package org.usedecentral.models;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** A directory with artifacts in it: a node's data directory, or the shared cache. Immutable. */
final class Place {
    private static final String MODELS = "models";
    private static final String ENGINES = "engines";
    private static final String PARTIAL = "partial";
    private static final String LOCKS = "locks";
    private static final String VERIFIED = "verified";
    private static final String IMPORTED = "imported";
    private static final String USED = ".used";
    private static final Logger LOG = System.getLogger(Place.class.getName());

    private final Path root;

    Place(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Where the artifact is once it is verified. */
    Path artifact(CatalogueEntry entry) {
        return folder(entry).resolve(entry.storeName());
    }

    /** What a node opens: the weights, or an engine's folder. */
    Path opened(CatalogueEntry entry) {
        return entry.beside().isEmpty() ? artifact(entry) : artifact(entry).resolve(entry.weightsName());
    }

    /** A model's files: the weights first, then what lies beside them. */
    List<Piece> pieces(CatalogueEntry entry) {
        List<Piece> pieces = new ArrayList<>();
        pieces.add(
                new Piece(opened(entry), mark(entry.storeName()), entry.sha256().orElseThrow()));
        for (CatalogueEntry.Companion companion : entry.beside()) {
            pieces.add(new Piece(
                    artifact(entry).resolve(companion.name()),
                    mark(entry.storeName() + "." + companion.name()),
                    companion.sha256()));
        }
        return pieces;
    }

    /** A file, where it is noted that it was verified, and what it should be. */
    record Piece(Path path, Path mark, Bytes sha256) {}

    /** A folder for what is not verified, used by the one who holds {@link #lock}. */
    Path partial(CatalogueEntry entry) {
        return root.resolve(PARTIAL).resolve(entry.storeName());
    }

    Path lock(CatalogueEntry entry) {
        return root.resolve(LOCKS).resolve(entry.storeName() + ".lock");
    }

    /** Where it is noted that a file was verified. */
    Path mark(String name) {
        return root.resolve(VERIFIED).resolve(name);
    }

    /** Creates the folders; false if they cannot be created or written. */
    boolean prepare() {
        try {
            for (String name : List.of(MODELS, ENGINES, PARTIAL, LOCKS, VERIFIED)) {
                Path folder = Files.createDirectories(root.resolve(name));
                if (!Files.isWritable(folder)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Refuses a folder in which any user of the machine could replace what was verified: an engine is code that this process loads.
     *
     * @throws DecentralException {@code UNAVAILABLE} saying what to do
     */
    void requireGuarded(CatalogueEntry entry) {
        Path folder = folder(entry);
        try {
            if (Files.getFileStore(root).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "every user of this machine can write to " + folder
                                + " and replace what was verified there: chmod o-w " + folder);
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Removes a file, or a folder with all that is in it; links are removed, not followed. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private Path folder(CatalogueEntry entry) {
        return folder(entry.kind());
    }

    Path folder(Kind kind) {
        return root.resolve(kind == Kind.MODEL ? MODELS : ENGINES);
    }

    Path partials() {
        return root.resolve(PARTIAL);
    }

    /** Entries that were made by importing models into this place. */
    Path imported() {
        return root.resolve(IMPORTED);
    }

    /** Notes that an artifact is opened now, if this place can be written to. */
    void use(CatalogueEntry entry) {
        try {
            Files.write(mark(entry.storeName() + USED), new byte[0]);
        } catch (IOException e) {
            // A cache that an administrator filled; when it was used last is then not known.
            LOG.log(Level.DEBUG, "not noted that " + entry + " is used", e);
        }
    }

    Instant lastUsed(String storeName, Path path) throws IOException {
        Path used = mark(storeName + USED);
        return Files.getLastModifiedTime(Files.exists(used) ? used : path).toInstant();
    }

    /** Drops all that is noted of what lay under a name. */
    void forget(String storeName) throws IOException {
        List<Path> notes = new ArrayList<>();
        notes.add(imported().resolve(storeName + ".json"));
        if (Files.isDirectory(root.resolve(VERIFIED))) {
            try (DirectoryStream<Path> marks = Files.newDirectoryStream(
                    root.resolve(VERIFIED),
                    mark -> mark.getFileName().toString().equals(storeName)
                            || mark.getFileName().toString().startsWith(storeName + "."))) {
                marks.forEach(notes::add);
            }
        }
        for (Path note : notes) {
            Files.deleteIfExists(note);
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
