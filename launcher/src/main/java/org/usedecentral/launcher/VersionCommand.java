package org.usedecentral.launcher;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.usedecentral.models.Platform;
import org.usedecentral.spi.PluginProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What this is. */
@Command(name = "version", header = "Shows versions of Decentral, Java and the plugin API.")
final class VersionCommand implements Callable<Integer> {
    private static final String BUILD = "/META-INF/maven/org.usedecentral/decentral-launcher/pom.properties";

    private final Session session;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Mixin
    final CommonOptions common = new CommonOptions();

    VersionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        var root = JsonNodeFactory.instance
                .objectNode()
                .put("decentral", version())
                .put("plugin_api", PluginProvider.API_VERSION)
                .put("java", Runtime.version().toString())
                .put("platform", Platform.current().toString());
        var out = session.terminal().out();
        if (json) {
            out.println(root);
        } else {
            root.properties()
                    .forEach(entry -> out.println(ReceiptText.line(
                            entry.getKey().replace('_', ' '), entry.getValue().asText())));
        }
        return 0;
    }

    /** As the jar says; classes that lie in a folder belong to no release. */
    static String version() throws IOException {
        try (InputStream in = VersionCommand.class.getResourceAsStream(BUILD)) {
            if (in == null) {
                return "development";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "development");
        }
    }
}
