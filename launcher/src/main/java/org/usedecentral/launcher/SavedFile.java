package org.usedecentral.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Files that a person names on the command line. Stateless. */
final class SavedFile {
    private SavedFile() {}

    static void write(Path file, Bytes content) {
        try {
            Files.write(file, content.toByteArray());
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, file + " cannot be written: " + e, e);
        }
    }

    /** The whole file; one that is larger than {@code limit} is refused. */
    static byte[] read(Path file, long limit) {
        try {
            if (Files.size(file) > limit) {
                throw new DecentralException(
                        ErrorCode.INVALID_REQUEST, file + " is larger than " + limit + " bytes: it is something else");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "there is no file " + file, e);
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, file + " cannot be read: " + e, e);
        }
    }
}
