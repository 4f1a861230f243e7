package org.usedecentral.node;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A folder on the class path of this test alone, in which it names providers. One thread, which gets its class loader back. */
final class PluginFolder implements AutoCloseable {
    private final Path folder;
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final URLClassLoader loader;

    PluginFolder(Path folder) throws IOException {
        this.folder = folder;
        this.loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(loader);
    }

    PluginFolder provide(Class<?> contract, Class<?> provider) throws IOException {
        return provide(contract, provider.getName());
    }

    PluginFolder provide(Class<?> contract, String line) throws IOException {
        Path file = folder.resolve("META-INF/services").resolve(contract.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return this;
    }

    /** A class whose superclass is nowhere, as when a jar lacks what it was compiled with. */
    PluginFolder addOrphan(String name) throws IOException {
        byte[] orphan = ClassFile.of()
                .build(ClassDesc.of(name), built -> built.withSuperclass(ClassDesc.of("org.example.Missing")));
        Files.write(folder.resolve(name + ".class"), orphan);
        return this;
    }

    @Override
    public void close() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        loader.close();
    }
}
