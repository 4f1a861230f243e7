package org.usedecentral.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.protocol.TokenPrices;

class CatalogueTest {
    private static final Platform LINUX = new Platform("linux", "x64");
    private static final String DIGEST = "ab".repeat(32);

    static Config yaml(String text) {
        return Config.just(ConfigSources.create(text, MediaTypes.APPLICATION_YAML));
    }

    private static Catalogue with(String text) {
        return Catalogue.of(LINUX, yaml(text).get("catalogue"));
    }

    @ParameterizedTest
    @CsvSource({"linux, x64", "linux, arm64", "mac, arm64", "mac, x64"})
    void hasAModelAndAnEngineForEachPlatform(String os, String arch) {
        Catalogue catalogue = Catalogue.of(new Platform(os, arch), Config.empty());
        assertThat(catalogue.entries()).extracting(CatalogueEntry::id).contains("smollm2-135m-instruct", "llama.cpp");
        assertThat(catalogue.entries()).allSatisfy(entry -> {
            assertThat(entry.sha256()).isPresent();
            assertThat(entry.sizeBytes()).isPositive();
            assertThat(entry.license()).isNotEmpty();
            assertThat(entry.origins()).isNotEmpty();
        });
    }

    @Test
    void saysWhatThereIs() {
        Catalogue windows = Catalogue.of(new Platform("windows", "x64"), Config.empty());
        assertThatThrownBy(() -> windows.require("llama.cpp"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContainingAll("linux-x64", "mac-arm64", "windows-x64", "library");
        assertThatThrownBy(() -> windows.require("gpt-9"))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContainingAll("gpt-9", "smollm2-135m-instruct");
    }

    @Test
    void takesEntriesFromTheConfiguration() {
        Catalogue catalogue = with("""
                catalogue:
                  - id: mine
                    file: /models/mine.gguf
                  - id: smollm2-135m-instruct
                    sha256: %s
                    size: 17
                    license: MIT
                    quantisation: Q8_0
                    context: 512
                    sources:
                      - type: http
                        url: https://models.example/a.gguf?token=secret
                        redirect-hosts: [CDN.example]
                      - type: npm
                        name: "@scope/a"
                        version: 1.0.0
                        inside: package/a.gguf
                """.formatted(DIGEST));
        CatalogueEntry replaced = catalogue.require("smollm2-135m-instruct");
        assertThat(replaced.sizeBytes()).isEqualTo(17);
        assertThat(replaced.contextTokens()).isEqualTo(512);
        assertThat(replaced.origins()).containsExactly("https://models.example/a.gguf", "npm package @scope/a@1.0.0");
        assertThat(replaced.storeName()).isEqualTo("smollm2-135m-instruct-abababababab.gguf");
        assertThat(catalogue.require("mine").origins()).containsExactly("file /models/mine.gguf");
        assertThat(catalogue.entries())
                .extracting(CatalogueEntry::id)
                .startsWith("mine", "smollm2-135m-instruct")
                .contains("llama.cpp");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colour: blue, file: /a | colour",
                "file: a/b.gguf | absolute",
                "kind: toy, file: /a | model or engine",
                "kind: engine, platform: linux-x64, file: /a | sha256",
                "kind: engine, sha256: D, size: 1, file: /a | platform",
                "platform: linux-x64, file: /a | platform",
                "sha256: xyz, file: /a | 64",
                "size: many, file: /a | number",
                "size: -1, file: /a | negative",
                "context: 3000000000, file: /a | context",
                "unpack: x/, file: /a | unpack",
                "version: 1, file: /a | engine",
                "kind: engine, platform: linux-x64, sha256: D, size: 1, use: chat, file: /a | model",
                "use: toy, file: /a | embedding",
                "format: zip, file: /a | gguf",
                "price: {input: -1, output: 1}, file: /a | negative",
                "price: {input: 99999999999999, output: 1}, file: /a | prices",
                "price: {in: 1}, file: /a | unknown",
                "memory: -5, file: /a | negative",
                "beside: [{name: ../x, sha256: D, size: 1}], file: /a | name",
                "beside: [{name: model.onnx, sha256: D, size: 1}], file: /a | weights",
                "beside: [{name: t, path: /etc/x, sha256: D, size: 1}], file: /a | path",
                "beside: [{name: t, sha256: D}], file: /a | size",
                "sha256: D, size: 5, sources: [{type: maven, name: a, version: 1.0.0}] | name",
                "sha256: D, size: 5, sources: [{type: maven, name: 'a:b:c', version: 1.0.0}] | name",
                "license: MIT | sources",
                "sha256: D, sources: [{type: http, url: 'https://h/a'}] | size",
                "size: 5, sources: [{type: http, url: 'https://h/a'}] | sha256",
                "sha256: D, size: 5, sources: [{type: http, url: 'ftp://h/a'}] | https",
                "sha256: D, size: 5, sources: [{type: http, url: 'https://h/a', x: 1}] | unknown",
                "sha256: D, size: 5, sources: [{type: tape}] | http, npm",
                "sha256: D, size: 5, sources: [{type: npm, name: --registry, version: 1.0.0}] | name",
                "sha256: D, size: 5, sources: [{type: npm, name: ../../x, version: 1.0.0}] | name",
                "sha256: D, size: 5, sources: [{type: pip, name: x, version: latest}] | version",
                "sha256: D, size: 5, sources: [{type: pip, version: 1.0.0}] | missing",
            })
    void refusesByName(String keys, String complaint) {
        String text = "catalogue: [{id: x, " + keys.replace(": D", ": " + DIGEST) + "}]";
        assertThatThrownBy(() -> with(text))
                .isInstanceOfSatisfying(
                        DecentralException.class, e -> assertThat(e.parameter()).startsWith("catalogue.0"))
                .hasMessageContaining(complaint);
    }

    @Test
    void describesModelsAndEngines() {
        CatalogueEntry model = Catalogue.bundled().require("smollm2-135m-instruct");
        assertThat(model.family()).isEqualTo("SmolLM2");
        assertThat(model.use()).isEqualTo(CatalogueEntry.Use.CHAT);
        assertThat(model.format()).isEqualTo(CatalogueEntry.Format.GGUF);
        assertThat(model.suggestedPrice()).contains(new TokenPrices(300_000, 1_000_000));
        assertThat(model.memoryBytes()).isEqualTo(98_362_432 + 4096 * 23_040);
        assertThat(model.memoryBytes(1 << 20, 4)).isEqualTo(98_362_432 + 4L * 8192 * 23_040);

        CatalogueEntry embedding = Catalogue.bundled().require("all-minilm-l6-v2");
        assertThat(embedding.use()).isEqualTo(CatalogueEntry.Use.EMBEDDING);
        assertThat(embedding.format()).isEqualTo(CatalogueEntry.Format.ONNX);
        assertThat(embedding.storedBytes()).isEqualTo(90_387_606 + 711_661);

        CatalogueEntry engine = Catalogue.of(LINUX, Config.empty()).require("llama.cpp");
        assertThat(engine.version()).isEqualTo("3.22.1");
        assertThat(engine.device()).isEqualTo("cpu");
    }

    @Test
    void refusesDuplicatesAndBadNames() {
        assertThatThrownBy(() -> with("catalogue: [{id: x, file: /a}, {id: x, file: /b}]"))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> with("catalogue: [{id: '../x', file: /a}]")).hasMessageContaining("letters");
        assertThatThrownBy(() -> with("catalogue: [{file: /a}]")).hasMessageContaining("missing");
    }

    @Test
    void knowsTheJdksNamesForPlatforms() {
        assertThat(Platform.of("Linux", "amd64")).hasToString("linux-x64");
        assertThat(Platform.of("Mac OS X", "aarch64")).hasToString("mac-arm64");
        assertThat(Platform.of("Windows 11", "x86_64")).hasToString("windows-x64");
        assertThat(Platform.of("Free BSD!", "risc-v")).hasToString("free_bsd_-risc_v");
    }
}
