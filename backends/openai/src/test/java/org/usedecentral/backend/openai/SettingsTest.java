package org.usedecentral.backend.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.testkit.TurnableClock;

final class SettingsTest {
    @TempDir
    private Path directory;

    private static Settings settings(String... keys) {
        Map<String, String> all = new HashMap<>(Map.of("url", "http://127.0.0.1:1/v1"));
        for (int i = 0; i < keys.length; i += 2) {
            all.put(keys[i], keys[i + 1]);
        }
        return Settings.from(TestBackend.config(all));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            url | http://gpu.example/v1
            url | ftp://127.0.0.1/v1
            url | https://me:secret@gpu.example/v1
            url | https://gpu.example/v1?key=secret
            url | nonsense
            slots | 0
            slots | many
            context | 1
            dialect | tgi
            token-counting | guess
            max-tokens-parameter | length
            connect-timeout | soon
            read-timeout | PT0S
            allow-plain-http | perhaps
            upstream-models | some
            upstream-models.0.id | /x
            upstream-models.0.upstream | x
            upstream-models.0.colour | red
            colour | red
            """)
    void whatIsWrongIsNamed(String key, String value) {
        DecentralException e = catchThrowableOfType(DecentralException.class, () -> settings(key, value));
        assertThat(e).isNotNull();
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(e.message()).contains("backend openai").doesNotContain("secret");
    }

    @Test
    void plainHttpElsewhereIsTheOperatorsChoice() {
        assertThat(settings("url", "http://gpu.example/v1/", "allow-plain-http", "true")
                        .url())
                .hasToString("http://gpu.example/v1");
        assertThat(settings("url", "https://gpu.example/v1").url()).hasToString("https://gpu.example/v1");
        assertThat(settings("url", "http://[::1]:8000/v1").url()).hasToString("http://[::1]:8000/v1");
    }

    @Test
    void theKeyComesFromAFileAndShowsNowhere() throws IOException {
        Path file = Files.writeString(directory.resolve("key"), "  sk-from-file \n");
        try (FaultServer server = FaultServer.of("x")) {
            OpenAiBackend backend =
                    TestBackend.start(server.url(), new TurnableClock(), "api-key-file", file.toString());
            assertThat(server.received().getFirst().head())
                    .containsIgnoringCase("authorization: Bearer sk-from-file\r\n");
            backend.close();
        }
        assertThat(settings("api-key", "sk-hidden").apiKey().toString()).doesNotContain("sk-hidden");
        Files.writeString(file, "two words");
        DecentralException e = catchThrowableOfType(
                DecentralException.class,
                () -> TestBackend.start("http://127.0.0.1:1/v1", new TurnableClock(), "api-key-file", file.toString()));
        assertThat(e.message()).doesNotContain("two words");
    }

    @Test
    void bothKeysAreOneTooMany() {
        DecentralException e =
                catchThrowableOfType(DecentralException.class, () -> settings("api-key", "a", "api-key-file", "/b"));
        assertThat(e.parameter()).isEqualTo("api-key");
    }
}
