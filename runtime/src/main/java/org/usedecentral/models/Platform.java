package org.usedecentral.models;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What native libraries are built for.
 *
 * @param os {@code linux}, {@code mac} or {@code windows}; another system keeps its own name
 * @param arch {@code x64} or {@code arm64}; another processor keeps its own name
 */
public record Platform(String os, String arch) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,32}");

    public Platform {
        if (!NAME.matcher(os).matches() || !NAME.matcher(arch).matches()) {
            throw new IllegalArgumentException("not a platform: " + os + "-" + arch);
        }
    }

    /** The platform this process runs on. */
    public static Platform current() {
        return of(System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
    }

    /** From {@code os-arch}, such as {@code linux-x64}. */
    static Platform parse(String name) {
        int dash = name.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException("not a platform: " + name);
        }
        return new Platform(name.substring(0, dash), name.substring(dash + 1));
    }

    /** From the JDK's two system properties, which spell one platform in several ways. */
    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        return new Platform(
                os.startsWith("linux")
                        ? "linux"
                        : os.startsWith("mac") ? "mac" : os.startsWith("win") ? "windows" : plain(os),
                switch (arch) {
                    case "amd64", "x86_64" -> "x64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> plain(arch);
                });
    }

    private static String plain(String name) {
        String plain = name.replaceAll("[^a-z0-9_]", "_");
        return plain.isEmpty() ? "unknown" : plain.substring(0, Math.min(32, plain.length()));
    }

    @Override
    public String toString() {
        return os + "-" + arch;
    }
}
