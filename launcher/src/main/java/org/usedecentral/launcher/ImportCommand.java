package org.usedecentral.launcher;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.usedecentral.models.ArtifactStore;
import org.usedecentral.models.CatalogueEntry;
import org.usedecentral.models.ModelImport;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.inference.WeightsInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a model into the store that no catalogue has. */
@Command(
        name = "import",
        header = "Copies a GGUF file, or fetches one, and gives it an id.",
        description =
                "From then on 'worker.models: [ID]' finds it. Name, context and quantisation are read from the file.")
final class ImportCommand implements Callable<Integer> {
    private static final Pattern HTTP = Pattern.compile("(?i)https?://.*");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

    private final Session session;

    @Parameters(paramLabel = "FILE|URL", description = "A file of this machine, or an https:// address.")
    private String from = "";

    @Option(names = "--id", paramLabel = "ID", description = "What it is called. Default: the file's name.")
    private @Nullable String id;

    @Option(
            names = {"--licence", "--license"},
            paramLabel = "SPDX",
            description = "Its licence, such as Apache-2.0.")
    private String license = "";

    @Option(names = "--description", paramLabel = "TEXT", description = "A sentence about it.")
    private String description = "";

    @Option(names = "--sha256", paramLabel = "HEX", description = "The digest it must have; needed for a URL.")
    private @Nullable String sha256;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Mixin
    final StoreOptions options = new StoreOptions();

    @Mixin
    final CommonOptions common = new CommonOptions();

    ImportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        ProgressLine progress = new ProgressLine(session.terminal());
        ArtifactStore store = options.open(session, progress);
        CatalogueEntry entry;
        try {
            entry = HTTP.matcher(from).matches() ? fromUrl(store) : fromFile(store);
        } finally {
            progress.end();
        }
        ArtifactStore now = options.open(session, progress);
        session.terminal()
                .out()
                .println(
                        json
                                ? ArtifactJson.of(entry, now).toString()
                                : entry.id() + " " + Sizes.bytes(entry.sizeBytes()) + ", "
                                        + Sizes.orDash(entry.quantisation()) + ", context "
                                        + Sizes.tokens(entry.contextTokens()) + ", SHA-256 "
                                        + entry.sha256().map(Bytes::hex).orElse("-"));
        return 0;
    }

    private CatalogueEntry fromFile(ArtifactStore store) throws InterruptedException {
        Path file = Path.of(from);
        if (!Files.isRegularFile(file)) {
            throw new DecentralException(ErrorCode.NOT_FOUND, "there is no file " + file.toAbsolutePath());
        }
        if (sha256 != null && !store.sha256(file).equals(digest(sha256))) {
            throw new DecentralException(
                    ErrorCode.INVALID_REQUEST,
                    file + " has SHA-256 " + store.sha256(file).hex()
                            + ", not the one of --sha256; nothing was imported");
        }
        return store.importFile(named(String.valueOf(file.getFileName())), file, Optional.of(read(file)));
    }

    private CatalogueEntry fromUrl(ArtifactStore store) throws InterruptedException {
        URI url;
        try {
            url = URI.create(from);
        } catch (IllegalArgumentException e) {
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "not an address: " + e.getMessage(), e);
        }
        boolean loopback = "127.0.0.1".equals(url.getHost()) || "localhost".equals(url.getHost());
        if (url.getHost() == null || (!loopback && !"https".equalsIgnoreCase(url.getScheme()))) {
            throw DecentralException.invalid("URL", "an address begins with https:// and a host");
        }
        if (url.getUserInfo() != null || url.getQuery() != null) {
            throw DecentralException.invalid(
                    "URL",
                    "the address would be kept, so it may hold no password or query: fetch the file and import that");
        }
        if (sha256 == null) {
            throw DecentralException.invalid(
                    "--sha256", "--sha256 is needed for an address: without it nobody knows what arrives");
        }
        String path = String.valueOf(url.getPath());
        return store.importUrl(
                named(path.substring(path.lastIndexOf('/') + 1)), url, digest(sha256), file -> Optional.of(read(file)));
    }

    private ModelImport.Named named(String fileName) {
        String name = id != null
                ? id
                : fileName.replaceFirst("(?i)\\.gguf$", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9._-]", "-");
        return new ModelImport.Named(name, license, description);
    }

    private static Bytes digest(String hex) {
        if (!SHA256.matcher(hex).matches()) {
            throw DecentralException.invalid("--sha256", "--sha256 has 64 hexadecimal digits");
        }
        return Bytes.fromHex(hex);
    }

    /** By the engine that knows the format. */
    private static WeightsInfo read(Path file) {
        for (InferenceBackendProvider provider : ServiceLoader.load(InferenceBackendProvider.class)) {
            Optional<WeightsInfo> info = provider.describe(file);
            if (info.isPresent()) {
                return info.get();
            }
        }
        throw new DecentralException(
                ErrorCode.INVALID_REQUEST,
                file + " is of no format that can be imported: a GGUF file is needed. An ONNX model is named in the"
                        + " configuration's list 'catalogue'");
    }
}
