package org.usedecentral.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/** What the build made and fetched, and how tests start it. */
final class Built {
    /** What a node runs that is told nothing else; the build has fetched it. */
    static final String MODEL = "smollm2-135m-instruct";

    /** Many JVMs share a machine that compiles something else: little memory, and no second compiler. */
    private static final String JAVA_OPTIONS = "-Xmx320m -XX:TieredStopAtLevel=1";

    private static final Path LAUNCHER =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path ROOT = LAUNCHER.resolve("..").normalize();

    private Built() {}

    /** {@code src/test/clients} of this module. */
    static Path clients() {
        return LAUNCHER.resolve("src/test/clients");
    }

    /** Where tests may leave what they installed. */
    static Path target() {
        return LAUNCHER.resolve("target");
    }

    /** The jar of {@code samples/routing-policy}. */
    static Path samplePolicy() throws IOException {
        Path folder = ROOT.resolve("samples/routing-policy/target");
        String how = "./mvnw -pl samples/routing-policy -am package";
        try (Stream<Path> files = Files.list(existing(folder, how))) {
            return files.filter(file -> file.getFileName().toString().endsWith(".jar"))
                    .findFirst()
                    .orElseGet(() -> Assertions.fail("no jar in " + folder + ": run " + how));
        }
    }

    private static Path existing(Path path, String how) {
        if (!Files.exists(path)) {
            Assertions.fail(path + " is not there: run " + how);
        }
        return path;
    }

    private static String property(String name) {
        return Objects.requireNonNull(
                System.getProperty(name), () -> "the system property " + name + " is not set: run the test with Maven");
    }

    /** The cache that the build fetched engine and model into. */
    private static Path cache() {
        Path library = Path.of(property("decentral.test.llama.library"));
        return library.resolve("../..").normalize();
    }

    /** Starts {@code decentral} with these arguments, as a person would. */
    static Launched decentral(String name, List<String> arguments, Map<String, String> environment) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(existing(ROOT.resolve("decentral"), "git status").toString());
        words.addAll(arguments);
        existing(target().resolve("decentral/lib"), "./mvnw -pl launcher -am package");
        Map<String, String> all = new HashMap<>();
        all.put("DECENTRAL_BUILD", "no");
        all.put("DECENTRAL_CACHE", cache().toString());
        all.put("DECENTRAL_JAVA_OPTIONS", JAVA_OPTIONS);
        all.putAll(environment);
        return Launched.start(new Launched.Command(name, words, target(), all));
    }
}
