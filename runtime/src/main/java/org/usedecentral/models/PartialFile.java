package org.usedecentral.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * A file that is being downloaded.
 *
 * @param size it has in the end
 * @param bytes told its length as it grows
 */
record PartialFile(Path path, long size, LongConsumer bytes) {
    /** Bytes it has now. */
    long length() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            // It does not exist yet; whoever writes it learns of anything else.
            return 0;
        }
    }
}
