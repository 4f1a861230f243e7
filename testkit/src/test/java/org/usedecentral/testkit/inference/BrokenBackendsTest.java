package org.usedecentral.testkit.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.InferenceBackend;

/** A contract that cannot fail is worthless: every defect is found by the case that is about it. */
@Timeout(60)
final class BrokenBackendsTest {
    private static final ScopedValue<Defect> DEFECT = ScopedValue.newInstance();

    /** Run by the test alone; a build does not look for tests in classes inside others. */
    static final class Case implements InferenceBackendContract {
        private final BrokenBackend backend = new BrokenBackend(DEFECT.get());

        @Override
        public InferenceBackend backend() {
            return backend;
        }

        @Override
        public ModelId model() {
            return BrokenBackend.MODEL;
        }

        @Override
        public Duration patience() {
            return switch (DEFECT.get()) {
                // What these never do is waited for by most of the cases.
                case NEVER_FREES_SLOTS, IGNORES_CLOSE -> Duration.ofMillis(200);
                default -> Duration.ofSeconds(20);
            };
        }

        @Override
        public boolean sameForEverySeed() {
            return true;
        }

        @Override
        public boolean resumesExactly() {
            return true;
        }

        @Override
        public String repetitivePrompt() {
            return "Say: sun moon sun moon sun moon sun and moon again";
        }

        @AfterEach
        void close() {
            backend.close();
        }
    }

    private static Set<String> failures(Defect defect) {
        Set<String> failed = new ConcurrentSkipListSet<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Case.class))
                .build();
        LauncherConfig alone = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestEngineAutoRegistration(false)
                .addTestEngines(new JupiterTestEngine())
                .build();
        ScopedValue.where(DEFECT, defect)
                .run(() -> LauncherFactory.create(alone).execute(request, new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                            failed.add(test.getSource()
                                    .map(source -> source instanceof MethodSource method
                                            ? method.getMethodName()
                                            : source.toString())
                                    .orElse("?"));
                        }
                    }
                }));
        return failed;
    }

    @Test
    void nothingFailsWithoutADefect() {
        assertThat(failures(Defect.NONE)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void theCaseThatIsAboutADefectFindsIt(Defect defect) {
        assertThat(failures(defect)).isNotEmpty().containsAll(defect.foundBy());
    }
}
