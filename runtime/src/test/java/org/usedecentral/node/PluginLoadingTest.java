package org.usedecentral.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.usedecentral.orchestrator.FakeLedger;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.inference.InferenceBackendProvider;
import org.usedecentral.spi.ledger.SettlementLedgerProvider;
import org.usedecentral.spi.proof.ProofSchemeProvider;
import org.usedecentral.spi.routing.RoutingPolicyProvider;
import org.usedecentral.time.TurnedTimers;

/** Whatever is wrong with a plugin stops the node with a message that names it and says what to do. */
@Timeout(60)
final class PluginLoadingTest {
    private final Path data;
    private final PluginFolder plugins;
    private final Map<String, String> config = new HashMap<>();

    PluginLoadingTest(@TempDir Path folder, @TempDir Path data) throws IOException {
        this.data = data;
        plugins = new PluginFolder(folder)
                .provide(ProofSchemeProvider.class, Noted.Schemes.class)
                .provide(RoutingPolicyProvider.class, Noted.Policies.class)
                .provide(InferenceBackendProvider.class, Noted.Backends.class);
        set("proof-schemes.0.type", "noted", "proof-schemes.0.name", "scheme");
    }

    @BeforeEach
    void forget() {
        Noted.LIFE.clear();
    }

    @AfterEach
    void close() throws IOException {
        plugins.close();
    }

    private void set(String... keysAndValues) {
        for (int i = 0; i < keysAndValues.length; i += 2) {
            config.put(keysAndValues[i], keysAndValues[i + 1]);
        }
    }

    private Node.Builder builder() {
        TurnedTimers timers = new TurnedTimers();
        return Node.builder()
                .config(Config.just(ConfigSources.create(config)))
                .dataDirectory(data)
                .timers(timers)
                .ledger(new FakeLedger(timers, () -> Noted.LIFE.add("close ledger")));
    }

    private void assertStops(ErrorCode code, String... parts) {
        assertThatThrownBy(() -> {
                    try (Node node = builder().build()) {
                        node.start();
                    }
                })
                .isInstanceOfSatisfying(
                        DecentralException.class,
                        e -> assertThat(e.code()).as(e.message()).isEqualTo(code))
                .message()
                .contains(parts)
                .doesNotStartWith(":");
    }

    private void provide(Class<?> provider) throws IOException {
        plugins.provide(InferenceBackendProvider.class, provider);
    }

    @Test
    void goodPluginsStartInOrderAndCloseInReverse() {
        set("backends.0.type", "noted", "backends.0.name", "first", "backends.1.type", "noted");
        set("routing-policies.0.type", "noted", "routing-policies.0.name", "policy");
        set("worker.enabled", "true", "orchestrator.enabled", "false");
        try (Node node = builder().build()) {
            node.start();
            assertThat(Noted.LIFE).containsExactly("start scheme", "start policy", "start first", "start noted");
            Noted.LIFE.clear();
        }
        assertThat(Noted.LIFE)
                .containsExactly("close noted", "close first", "close policy", "close ledger", "close scheme");
    }

    @Test
    void anUnknownTypeIsNamedWithThoseThereAre() throws IOException {
        set("backends.0.type", "lama-cpp");
        assertStops(ErrorCode.INVALID_REQUEST, "backends.0", "backend", "'lama-cpp'", "available: [noted]", "jar");
        config.remove("backends.0.type");
        set("proof-schemes.0.type", "sha3");
        assertStops(ErrorCode.INVALID_REQUEST, "proof-schemes.0", "'sha3'", "available: [noted]");
        set("proof-schemes.0.type", "noted", "routing-policies.0.type", "luck");
        assertStops(ErrorCode.INVALID_REQUEST, "routing-policies.0", "'luck'", "available: [noted]");
        plugins.provide(RoutingPolicyProvider.class, "# none but a comment");
    }

    @Test
    void anUnknownLedgerIsNamedToo() {
        set("ledger.type", "gold");
        assertThatThrownBy(() -> start(Node.builder()))
                .hasMessageContainingAll("ledger: ", "no ledger plugin of type 'gold'", "available: [gateway]");
    }

    @Test
    void aDefaultThatIsNotThereIsNamedWithoutAKeyNobodyWrote() {
        assertThatThrownBy(() -> start(Node.builder()))
                .message()
                .startsWith("no ledger plugin of type 'embedded'")
                .contains("available: [gateway]");
        config.remove("proof-schemes.0.type");
        config.remove("proof-schemes.0.name");
        assertThatThrownBy(() -> start(builder()))
                .message()
                .startsWith("no proof scheme plugin of type 'sha256-ed25519'")
                .contains("available: [noted]");
    }

    private void start(Node.Builder builder) {
        try (Node node = builder.config(Config.just(ConfigSources.create(config)))
                .dataDirectory(data)
                .build()) {
            node.start();
        }
    }

    @Test
    void aPluginWithoutTypeIsRefused() {
        set("backends.0.name", "nameless");
        assertStops(ErrorCode.INVALID_REQUEST, "backends.0: a backend needs a type", "available: [noted]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backends", "routing-policies", "proof-schemes"})
    void aListThatIsNoneIsRefusedNotPassedOver(String list) {
        config.clear();
        set(list, "noted");
        if (!list.equals("proof-schemes")) {
            set("proof-schemes.0.type", "noted");
        }
        assertStops(ErrorCode.INVALID_REQUEST, list + " must be a list", "available: [noted]");
        config.remove(list);
        set(list + ".type", "noted");
        assertStops(ErrorCode.INVALID_REQUEST, list + " must be a list", "available: [noted]");
    }

    @Test
    void twoOfTheSameTypeAreBothNamed() throws IOException {
        provide(BrokenProviders.AlsoNoted.class);
        set("backends.0.type", "noted");
        assertStops(
                ErrorCode.CONFLICT,
                "type 'noted'",
                Noted.Backends.class.getName(),
                BrokenProviders.AlsoNoted.class.getName(),
                "remove one");
    }

    /** Also when nobody asks for a plugin of that kind: the next one to do so would find it in the way. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ThrowsInConstructor | no licence
            ThrowsInInitializer | no native library
            NeedsAnArgument     | constructor
            NoProvider          | not a subtype
            ThrowsForItsType    | no type
            """)
    void aProviderThatCannotBeLoadedIsNamed(String provider, String why) throws IOException {
        String name = BrokenProviders.class.getName() + "$" + provider;
        plugins.provide(InferenceBackendProvider.class, name);
        assertStops(ErrorCode.INVALID_REQUEST, "a backend plugin cannot be loaded", why, "remove its jar");
    }

    @Test
    void aProviderThatIsNowhereIsNamedWithTheFileThatNamesIt() throws IOException {
        plugins.provide(InferenceBackendProvider.class, "org.example.Nowhere");
        assertStops(ErrorCode.INVALID_REQUEST, "org.example.Nowhere", "META-INF/services", "remove its jar");
    }

    @Test
    void aProviderWhoseSuperclassIsMissingIsNamedWithTheFileThatNamesIt() throws IOException {
        plugins.addOrphan("Orphan").provide(InferenceBackendProvider.class, "Orphan");
        assertStops(
                ErrorCode.INVALID_REQUEST,
                "org/example/Missing",
                "it is Orphan",
                "META-INF/services",
                "remove its jar");
    }

    @Test
    void aFileOfProvidersThatIsNoneIsRefused() throws IOException {
        plugins.provide(InferenceBackendProvider.class, "this is no class name");
        assertStops(ErrorCode.INVALID_REQUEST, "META-INF/services", "remove its jar");
    }

    @Test
    void aProviderOfAnotherApiIsRefusedWithBothVersions() throws IOException {
        provide(BrokenProviders.OfTheFuture.class);
        assertStops(ErrorCode.CONFLICT, "'future'", "API 99", "has 1", "install a build");
    }

    @Test
    void aPluginThatCannotBeCreatedIsNamed() {
        set("backends.0.type", "noted", "backends.0.name", "big", "backends.0.fails", "create");
        assertStops(
                ErrorCode.INVALID_REQUEST,
                "backends.0: backend 'big'",
                Noted.Backends.class.getName(),
                "big fails on purpose",
                "correct its configuration");
        assertThat(Noted.LIFE).as("nothing was started").isEmpty();
    }

    @Test
    void aPluginThatRefusesItsConfigurationIsNamedWithItsReason() throws IOException {
        provide(BrokenProviders.Refuses.class);
        set("backends.0.type", "broken");
        assertStops(ErrorCode.INVALID_REQUEST, "backends.0", "'broken'", "Refuses", "size must be 1 … 9");
    }

    @Test
    void aPluginThatMissesAClassIsNamed() throws IOException {
        provide(BrokenProviders.MissesAClass.class);
        set("backends.0.type", "broken");
        assertStops(ErrorCode.INVALID_REQUEST, "'broken'", "MissesAClass", "org/example/Engine", "remove it");
    }

    @Test
    void aPluginThatDoesNotStartIsNamedAndEverythingBeforeItIsClosedInReverse() {
        set("routing-policies.0.type", "noted", "routing-policies.0.name", "policy");
        set("backends.0.type", "noted", "backends.0.name", "good");
        set("backends.1.type", "noted", "backends.1.name", "bad", "backends.1.fails", "start");
        set("backends.2.type", "noted", "backends.2.name", "never");
        assertStops(
                ErrorCode.INTERNAL,
                "plugin 'bad' of type noted",
                "does not start",
                "bad fails on purpose",
                "remove it");
        assertThat(Noted.LIFE)
                .containsExactly(
                        "start scheme",
                        "start policy",
                        "start good",
                        "start bad",
                        "close bad",
                        "close good",
                        "close policy",
                        "close ledger",
                        "close scheme");
    }

    @Test
    void aPluginThatDoesNotCloseHoldsUpNoOther() {
        set("backends.0.type", "noted", "backends.0.name", "first");
        set("backends.1.type", "noted", "backends.1.name", "second", "backends.1.fails", "close");
        set("orchestrator.enabled", "false");
        try (Node node = builder().build()) {
            node.start();
        }
        assertThat(Noted.LIFE).endsWith("close second", "close first", "close ledger", "close scheme");
    }

    @Test
    void aNodeThatDidNotStartLeavesNoThread() {
        set("backends.0.type", "noted", "backends.0.fails", "start");
        assertThatThrownBy(() -> start(Node.builder().ledger(new FakeLedger(new TurnedTimers(), () -> {}))))
                .isInstanceOf(DecentralException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("decentral-"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-0.001", "1000.1", "NaN", "much"})
    void aWeightThatIsNoneIsRefused(String weight) {
        set("routing-policies.0.type", "noted", "routing-policies.0.weight", weight);
        assertStops(ErrorCode.INVALID_REQUEST, "routing-policies.0.weight", "'noted'", "0 … 1000", weight);
    }

    @Test
    void everyKindOfProviderIsChecked() throws IOException {
        plugins.provide(SettlementLedgerProvider.class, "org.example.NoLedger");
        set("ledger.type", "gateway");
        assertThatThrownBy(() -> start(Node.builder())).hasMessageContaining("org.example.NoLedger");
        plugins.provide(RoutingPolicyProvider.class, "org.example.NoPolicy");
        assertStops(ErrorCode.INVALID_REQUEST, "org.example.NoPolicy");
        plugins.provide(ProofSchemeProvider.class, "org.example.NoScheme");
        assertStops(ErrorCode.INVALID_REQUEST, "org.example.NoScheme");
    }
}
