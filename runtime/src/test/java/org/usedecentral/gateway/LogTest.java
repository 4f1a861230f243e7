package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/** Neither prompts nor outputs nor keys reach a log, whatever goes wrong. */
@Timeout(60)
final class LogTest {
    private static final String PROMPT = "prompt-canary-7301";
    private static final String OUTPUT = "output-canary-4418";

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    @Test
    void canariesStayOutOfTheLog(@TempDir Path folder) throws Exception {
        Logger root = Logger.getLogger("");
        Logger ours = Logger.getLogger("org.usedecentral");
        Handler handler = new Recorder();
        Level before = ours.getLevel();
        handler.setLevel(Level.ALL);
        ours.setLevel(Level.ALL);
        root.addHandler(handler);
        String secret;
        try (GatewayFixture gateway = new GatewayFixture(folder)) {
            secret = gateway.key.secret();
            useWell(gateway);
            useBadly(gateway);
        } finally {
            root.removeHandler(handler);
            ours.setLevel(before);
        }
        assertThat(lines).as("the log was heard").anyMatch(line -> line.contains("heard-1"));
        assertThat(lines).noneMatch(line -> line.contains("canary")).noneMatch(line -> line.contains(secret));
    }

    private static void useWell(GatewayFixture gateway) throws Exception {
        for (String more : new String[] {"", ",\"stream\":true"}) {
            gateway.jobs.next().text(OUTPUT).stop();
            assertThat(gateway.chat(body(more)).body()).contains(OUTPUT);
        }
    }

    private static void useBadly(GatewayFixture gateway) throws Exception {
        for (String more : new String[] {"", ",\"stream\":true"}) {
            gateway.jobs
                    .next()
                    .text(OUTPUT)
                    .fail(new IllegalStateException("over " + PROMPT, new RuntimeException(OUTPUT)));
            assertThat(gateway.send(gateway.request(GatewayFixture.CHAT)
                                    .header("x-request-id", "heard-1")
                                    .POST(BodyPublishers.ofString(body(more))))
                            .body())
                    .contains("heard-1")
                    .doesNotContain(PROMPT);
            gateway.jobs.next().text(OUTPUT).fail(new DecentralException(ErrorCode.INTERNAL, OUTPUT));
            gateway.chat(body(more));
            gateway.chat(body(more) + PROMPT);
            gateway.chat(body(more + ",\"" + PROMPT + "\":1"));
            gateway.chat(body(more + ",\"stop\":[1,\"" + PROMPT + "\"]"));
        }
        gateway.get("/v1/models/" + PROMPT);
    }

    private static String body(String more) {
        return GatewayFixture.body(more).replace("Hi", PROMPT);
    }

    private final class Recorder extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            StringWriter line = new StringWriter().append(formatter.format(record));
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(line));
            }
            lines.add(line.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
