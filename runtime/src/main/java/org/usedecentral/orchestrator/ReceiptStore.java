package org.usedecentral.orchestrator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.usedecentral.receipt.ReceiptJson;
import org.usedecentral.receipt.SignedReceipt;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.JobId;

/**
 * Receipts on disk, a file each: {@code outbox} holds those whose ledger writes are not done, {@code receipts} the others. Thread-safe.
 */
final class ReceiptStore {
    private static final Logger LOG = System.getLogger(ReceiptStore.class.getName());
    private static final String SUFFIX = ".json";

    private final Path outbox;
    private final Path done;

    ReceiptStore(Path directory) {
        this.outbox = directory.resolve("outbox");
        this.done = directory.resolve("receipts");
        try {
            Files.createDirectories(outbox);
            Files.createDirectories(done);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "the outbox cannot be made: " + e, e);
        }
    }

    /** Writes a receipt whose ledger writes are to be done; it is on disk, synced, when this returns. */
    void begin(SignedReceipt receipt) {
        write(outbox.resolve(receipt.receipt().job() + SUFFIX), receipt);
    }

    /** Writes the final receipt, synced, and takes the job out of the outbox: at every moment one of the two is whole. */
    void finish(SignedReceipt receipt) {
        JobId job = receipt.receipt().job();
        Path file = doneFile(job);
        try {
            Files.createDirectories(done.resolve(job.toString().substring(0, 2)));
            write(file, receipt);
            Files.deleteIfExists(outbox.resolve(job + SUFFIX));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The newest form of a receipt; one that moves from the outbox meanwhile is found where it goes. */
    Optional<SignedReceipt> find(JobId job) {
        return read(doneFile(job)).or(() -> read(outbox.resolve(job + SUFFIX))).or(() -> read(doneFile(job)));
    }

    /** What a stop or crash left to do. */
    List<SignedReceipt> pending() {
        List<SignedReceipt> pending = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(outbox, "*" + SUFFIX)) {
            for (Path file : files) {
                read(file).ifPresent(pending::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pending;
    }

    /** Receipts are spread over folders of the id's first two characters. */
    private Path doneFile(JobId job) {
        String name = job.toString();
        return done.resolve(name.substring(0, 2)).resolve(name + SUFFIX);
    }

    /** A file that is no receipt, which a failing disk can make of one, is put aside: it must not stop the others, nor the start. */
    private static Optional<SignedReceipt> read(Path file) {
        try {
            return Optional.of(ReceiptJson.read(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (DecentralException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.log(Level.ERROR, "receipt {0} cannot be read and is kept as {1}: {2}", file, aside, e.message());
            putAside(file, aside);
            return Optional.empty();
        }
    }

    private static void putAside(Path file, Path aside) {
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, SignedReceipt receipt) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer json = Bytes.utf8(ReceiptJson.write(receipt)).asBuffer();
            while (json.hasRemaining()) {
                if (channel.write(json) <= 0) {
                    throw new IOException("nothing was written");
                }
            }
            channel.force(true);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(file);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "a receipt cannot be written: " + e, e);
        }
    }

    /** The name too must survive a crash. */
    private static void syncFolder(Path file) throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
