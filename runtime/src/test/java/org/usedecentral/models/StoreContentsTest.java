package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.models.CatalogueEntry.Kind;
import org.usedecentral.models.FileServer.Content;
import org.usedecentral.models.StoreContents.State;
import org.usedecentral.models.StoreContents.Stored;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.WeightsInfo;

class StoreContentsTest {
    private static final WeightsInfo INFO = new WeightsInfo("gguf", "llama", "Q4_1", 8192, 23040);

    @TempDir
    Path folder;

    private final byte[] bytes = new byte[50_000];
    private FileServer server;
    private Path home;
    private Path cache;

    @BeforeEach
    void start() throws IOException {
        new Random().nextBytes(bytes);
        server = new FileServer();
        server.serve("/m", Content.of(bytes));
        home = folder.resolve("data");
        cache = folder.resolve("cache");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Bytes digest() {
        return Bytes.of(Digests.sha256().digest(bytes));
    }

    private ArtifactStore store() {
        String text = "catalogue:\n  - {id: m, sha256: " + digest().hex() + ", size: " + bytes.length
                + ", sources: [{type: http, url: '" + server.url("/m") + "'}]}\n";
        return ArtifactStore.open(CatalogueTest.yaml(text).get("catalogue"), home, Optional.of(cache), (_, _, _) -> {});
    }

    private ArtifactStore plain() {
        return ArtifactStore.open(Config.empty(), home, Optional.of(cache), (_, _, _) -> {});
    }

    @Test
    void listsWhatTakesSpace() throws Exception {
        assertThat(store().contents().list()).isEmpty();
        Path file = store().fetch("m");
        Files.write(cache.resolve("models/old-000000000000.gguf"), new byte[10]);
        Path part = Files.createDirectories(cache.resolve("partial/x-111111111111.gguf"));
        Files.write(part.resolve("download"), new byte[7]);
        List<Stored> all = store().contents().list();
        assertThat(all).extracting(Stored::state).containsExactly(State.READY, State.UNKNOWN, State.UNFINISHED);
        assertThat(all).extracting(Stored::id).containsExactly("m", "old-000000000000.gguf", "x-111111111111.gguf");
        assertThat(all.getFirst().where()).isEqualTo(new StoreContents.Where(file, true));
        assertThat(all.getFirst().amount().bytes()).isEqualTo(bytes.length);
        assertThat(all.getFirst().amount().lastUsed())
                .isAfterOrEqualTo(Files.getLastModifiedTime(file).toInstant());
        assertThat(all.getLast().amount().bytes()).isEqualTo(7);
    }

    @Test
    void removesFromTheCacheOnlyWhenAsked() throws Exception {
        Path file = store().fetch("m");
        assertThatThrownBy(() -> store().contents().remove("m", Kind.MODEL, false))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContainingAll("--cache", file.toString());
        assertThat(store().contents().remove("m", Kind.MODEL, true)).containsExactly(file);
        assertThat(store().contents().list()).isEmpty();
        assertThat(cache.resolve("verified")).isEmptyDirectory();
        assertThatThrownBy(() -> store().contents().remove("m", Kind.MODEL, true))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
        assertThat(store().fetch("m")).hasBinaryContent(bytes);
    }

    @Test
    void findsDamageThatHasNoOtherSignAndRepairsIt() throws Exception {
        Path file = store().fetch("m");
        assertThat(store().contents().damage("m")).isEmpty();
        var changed = Files.getLastModifiedTime(file);
        byte[] wrong = bytes.clone();
        wrong[40_000]++;
        Files.write(file, wrong);
        Files.setLastModifiedTime(file, changed);
        assertThat(store().locate("m")).as("size and time are the same").isPresent();
        assertThat(store().contents().damage("m")).singleElement().asString().contains(file.toString(), digest().hex());
        store().contents().removeDamaged("m");
        assertThat(store().fetch("m")).hasBinaryContent(bytes);
        assertThat(store().contents().damage("m")).isEmpty();
        assertThatThrownBy(() -> store().contents().damage("llama.cpp")).hasMessageContaining("no llama.cpp");
    }

    @Test
    void importsAFileForEveryStartToCome() throws Exception {
        Path file = Files.write(folder.resolve("mine.gguf"), bytes);
        ModelImport.Named named = new ModelImport.Named("mine", "MIT", "Mine");
        CatalogueEntry entry = plain().importFile(named, file, Optional.of(INFO));
        assertThat(entry.sha256()).contains(digest());
        Files.delete(file);

        ArtifactStore later = plain();
        assertThat(later.find("mine").orElseThrow().sha256()).isEqualTo(digest());
        assertThat(later.fetch("mine")).startsWith(cache).hasBinaryContent(bytes);
        CatalogueEntry read = later.catalogue().require("mine");
        assertThat(read.license()).isEqualTo("MIT");
        assertThat(read.quantisation()).isEqualTo("Q4_1");
        assertThat(read.contextTokens()).isEqualTo(8192);
        assertThat(read.memoryBytes()).isEqualTo(bytes.length + 4096L * 23040);

        bytes[0]++;
        Path other = Files.write(folder.resolve("other.gguf"), bytes);
        assertThatThrownBy(() -> plain().importFile(named, other, Optional.of(INFO)))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        assertThatThrownBy(
                        () -> plain().importFile(new ModelImport.Named("not an id", "", ""), other, Optional.of(INFO)))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));

        assertThat(later.contents().remove("mine", Kind.MODEL, true)).hasSize(1);
        assertThat(plain().find("mine")).isEmpty();
        try (Stream<Path> left = Files.walk(cache).filter(Files::isRegularFile)) {
            assertThat(left).allMatch(path -> path.startsWith(cache.resolve("locks")));
        }
    }

    @Test
    void importsFromAnAddressOnlyWhatHasTheDigest() throws Exception {
        ModelImport.Named named = new ModelImport.Named("web", "", "");
        assertThatThrownBy(() -> plain().importUrl(named, server.url("/m"), Bytes.zeros(32), _ -> Optional.of(INFO)))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContainingAll(digest().hex(), "deleted");
        assertThat(plain().find("web")).isEmpty();
        assertThatThrownBy(() -> plain().importUrl(named, server.url("/none"), digest(), _ -> Optional.of(INFO)))
                .hasMessageContaining("404");

        CatalogueEntry entry = plain().importUrl(named, server.url("/m"), digest(), _ -> Optional.of(INFO));
        assertThat(entry.family()).isEqualTo("llama");
        Path file = plain().fetch("web");
        assertThat(file).hasBinaryContent(bytes);
        Files.write(file, new byte[3]);
        plain().contents().removeDamaged("web");
        assertThat(plain().find("web")).as("a damaged import is still known").isPresent();
        assertThat(plain().fetch("web")).hasBinaryContent(bytes);
    }

    @Test
    void anImportThatCannotBeReadHurtsNobody() throws Exception {
        Files.createDirectories(cache.resolve("imported"));
        Files.writeString(cache.resolve("imported/bad.json"), "{\"id\": \"bad\", \"colour\": \"blue\"}");
        Files.writeString(cache.resolve("imported/worse.json"), "}{");
        assertThat(plain().catalogue().find("bad")).isEmpty();
        assertThat(plain().catalogue().find("smollm2-135m-instruct")).isPresent();
    }

    @Test
    void remembersTheDigestOfAFileUntilItChanges() throws Exception {
        Path file = Files.write(folder.resolve("a.gguf"), bytes);
        assertThat(plain().sha256(file)).isEqualTo(digest());
        var time = Files.getLastModifiedTime(file);
        bytes[7]++;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
        assertThat(plain().sha256(file)).as("not read again").isNotEqualTo(digest());
        Files.write(file, new byte[5]);
        assertThat(plain().sha256(file)).isEqualTo(Digests.sha256(file));
        assertThatThrownBy(() -> plain().sha256(folder.resolve("none")))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }
}
