package org.usedecentral.backend.llamacpp;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * The native libraries, loaded once a process and never unloaded: ggml registers its devices globally and the system's
 * loader knows the libraries by their names, so a second copy from another directory could not be told apart.
 */
@SuppressWarnings("restricted") // Calling native code is what this package is for.
final class LlamaLibrary {
    private static final Object LOADING = new Object();
    private static @Nullable LlamaLibrary loaded;

    /** In the order of their dependencies; a package may put its device and version between name and suffix. */
    private static final List<Pattern> FILES = List.of(
            Pattern.compile("(lib)?ggml-base(\\.v?[0-9.]+)?\\.(so|dylib|dll)"),
            Pattern.compile("(lib)?ggml(\\.(cuda|metal|vulkan|rocm))?(\\.v?[0-9.]+)?\\.(so|dylib|dll)"),
            Pattern.compile("(lib)?llama(\\.(cuda|metal|vulkan|rocm))?(\\.v?[0-9.]+)?\\.(so|dylib|dll)"));

    private final Path directory;
    private final LlamaApi api;

    private LlamaLibrary(Path directory, LlamaApi api) {
        this.directory = directory;
        this.api = api;
    }

    /**
     * Loads libllama, ggml and the devices for this machine from {@code directory}; any thread.
     *
     * @throws DecentralException {@code UNAVAILABLE} if it is not there or of another version, {@code CONFLICT} if this
     *     process already runs one from elsewhere
     */
    static LlamaLibrary load(Path directory) {
        synchronized (LOADING) {
            Path real = realPath(directory);
            LlamaLibrary present = loaded;
            if (present != null) {
                if (!present.directory.equals(real)) {
                    throw new DecentralException(
                            ErrorCode.CONFLICT,
                            "this process already runs llama.cpp from " + present.directory + "; it cannot also load "
                                    + real);
                }
                return present;
            }
            LlamaLibrary library = open(real);
            loaded = library;
            return library;
        }
    }

    LlamaApi api() {
        return api;
    }

    private static LlamaLibrary open(Path directory) {
        // The global arena: see the class comment.
        Arena forever = Arena.global();
        SymbolLookup symbols = _ -> java.util.Optional.empty();
        for (Path file : files(directory)) {
            try {
                symbols = SymbolLookup.libraryLookup(file, forever).or(symbols);
            } catch (IllegalArgumentException e) {
                throw new DecentralException(
                        ErrorCode.UNAVAILABLE,
                        "cannot load " + file + " on this system (" + System.getProperty("os.name") + " "
                                + System.getProperty("os.arch") + "); it may be for another one",
                        e);
            }
        }
        LlamaApi api = new LlamaApi(symbols);
        // Before anything else: otherwise the library writes to the process's standard error.
        api.setLog(LlamaLog.logCallback(forever));
        api.setAbort(LlamaLog.abortCallback(forever));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment _ = api.modelDefaults(arena);
            MemorySegment _ = api.contextDefaults(arena);
        }
        api.initialise(directory.toString());
        if (api.deviceCount() == 0) {
            throw new DecentralException(
                    ErrorCode.UNAVAILABLE,
                    "llama.cpp in " + directory + " has no device for this machine: its libggml-cpu files are missing");
        }
        return new LlamaLibrary(directory, api);
    }

    /** The libraries in a directory, in the order in which they are loaded. */
    static List<Path> files(Path directory) {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> names = entries.sorted().toList();
            for (Pattern pattern : FILES) {
                found.add(names.stream()
                        .filter(file -> pattern.matcher(
                                        file.getFileName().toString().toLowerCase(Locale.ROOT))
                                .matches())
                        .findFirst()
                        .orElseThrow(() -> missing(directory, pattern.pattern(), null)));
            }
        } catch (IOException e) {
            throw missing(directory, "a readable directory", e);
        }
        return found;
    }

    private static Path realPath(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            throw missing(directory, "a readable directory", e);
        }
    }

    private static DecentralException missing(Path directory, String what, @Nullable Exception cause) {
        return new DecentralException(
                ErrorCode.UNAVAILABLE,
                "no llama.cpp in " + directory + ": " + what + " is missing. Set library to the directory that holds"
                        + " libllama, or to auto.",
                cause);
    }
}
