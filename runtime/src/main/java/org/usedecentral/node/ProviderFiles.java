package org.usedecentral.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The files in which jars name their providers; read only to say which jar is at fault. */
final class ProviderFiles {
    private ProviderFiles() {}

    /** The first provider that cannot be loaded, and the file that names it. */
    static Optional<String> firstBroken(Class<?> contract) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        if (loader == null) {
            return Optional.empty();
        }
        try {
            for (URL file : Collections.list(loader.getResources("META-INF/services/" + contract.getName()))) {
                for (String name : names(file)) {
                    if (!isProvider(name, contract, loader)) {
                        return Optional.of(name + ", which " + file + " names");
                    }
                }
            }
        } catch (IOException e) {
            return Optional.of("a provider that cannot be read: " + e);
        }
        return Optional.empty();
    }

    private static List<String> names(URL file) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
    }

    private static boolean isProvider(String name, Class<?> contract, ClassLoader loader) {
        try {
            Class<?> provider = Class.forName(name, false, loader);
            return contract.isAssignableFrom(provider)
                    && provider.getConstructor().getParameterCount() == 0;
        } catch (ReflectiveOperationException | LinkageError e) {
            return false;
        }
    }
}
