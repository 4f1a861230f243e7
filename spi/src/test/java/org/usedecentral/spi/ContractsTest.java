package org.usedecentral.spi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** House rule 1: one contract module, which knows nothing below it. */
final class ContractsTest {
    private static final JavaClasses CONTRACTS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.usedecentral.spi");

    @Test
    void knowOnlyTheJdkAndConfiguration() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "org.usedecentral.spi..",
                        "java..",
                        "io.helidon.config",
                        "io.helidon.common.config",
                        "org.jspecify..")
                .check(CONTRACTS);
    }

    @Test
    void kindsOfPluginsDoNotGoInCircles() {
        slices().matching("org.usedecentral.spi.(ledger|mesh|routing|models)..")
                .should()
                .beFreeOfCycles()
                .check(CONTRACTS);
    }
}
