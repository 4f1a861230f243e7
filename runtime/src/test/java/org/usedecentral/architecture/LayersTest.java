package org.usedecentral.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may know whom, as docs/architecture.md draws it. */
class LayersTest {
    private static JavaClasses decentral;

    @BeforeAll
    static void read() {
        decentral = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.usedecentral");
    }

    @Test
    void theContractsKnowNothingBelowThem() {
        assertThat(decentral.containPackage("org.usedecentral.spi")).isTrue();
        noClasses()
                .that()
                .resideInAPackage("org.usedecentral.spi..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("org.usedecentral.spi..", "java..", "io.helidon..", "org.jspecify..")
                .check(decentral);
    }

    @Test
    void everyArrowGoesDown() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("node")
                .definedBy("org.usedecentral.node..")
                .layer("gateway")
                .definedBy("org.usedecentral.gateway..")
                .layer("orchestrator")
                .definedBy("org.usedecentral.orchestrator..")
                .layer("worker")
                .definedBy("org.usedecentral.worker..")
                .layer("engine")
                .definedBy("org.usedecentral.engine..")
                .layer("link")
                .definedBy("org.usedecentral.link..")
                .layer("base")
                .definedBy(
                        "org.usedecentral.receipt..",
                        "org.usedecentral.models..",
                        "org.usedecentral.hardware..",
                        "org.usedecentral.child..",
                        "org.usedecentral.time..",
                        "org.usedecentral.measure..")
                .whereLayer("node")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("gateway")
                .mayOnlyBeAccessedByLayers("node")
                .whereLayer("orchestrator")
                .mayOnlyBeAccessedByLayers("gateway", "node")
                .whereLayer("worker")
                .mayOnlyBeAccessedByLayers("node")
                .whereLayer("engine")
                .mayOnlyBeAccessedByLayers("node")
                .whereLayer("link")
                .mayOnlyBeAccessedByLayers("engine", "worker", "orchestrator", "gateway", "node")
                .whereLayer("base")
                .mayOnlyBeAccessedByLayers("link", "engine", "worker", "orchestrator", "gateway", "node")
                .check(decentral);
    }

    @Test
    void noPackagesGoRoundInCircles() {
        slices().matching("org.usedecentral.(**)").should().beFreeOfCycles().check(decentral);
    }

    @Test
    void theNodeKnowsNoPluginAndNoCommandLine() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "picocli..",
                        "org.sqlite..",
                        "org.usedecentral.backend..",
                        "org.usedecentral.ledger..",
                        "org.usedecentral.proof..",
                        "org.usedecentral.routing..",
                        "org.usedecentral.launcher..")
                .check(decentral);
    }

    @Test
    void namesSayWhatThingsAre() {
        // Helidon's builders nest classes of other names inside ours.
        classes()
                .that()
                .areTopLevelClasses()
                .should()
                .haveNameNotMatching(".*(Impl|Util|Utils|Helper|Manager)")
                .andShould()
                .haveNameNotMatching(".*\\.Abstract\\w*")
                .check(decentral);
    }
}
