package org.usedecentral.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.usedecentral.node.Node;
import org.usedecentral.orchestrator.JobStream;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.inference.GenerationEvent;
import org.usedecentral.spi.inference.GenerationEvent.TextDelta;
import org.usedecentral.spi.inference.GenerationRequest;
import org.usedecentral.spi.inference.Message;
import org.usedecentral.spi.inference.Sampling;

/** The sample as it stands, with the real engine and model. */
class ChatApplicationTest {
    private static final String QUESTION = "Name the capital of France.";

    @TempDir
    private Path directory;

    @Test
    @Timeout(300)
    void chatsThroughJobsAndOverHttpAndLeavesNothing() throws IOException, InterruptedException {
        Set<Thread> before = threads();
        Node node;
        MeterRegistry meters;
        try (ConfigurableApplicationContext context = start()) {
            node = context.getBean(Node.class);
            meters = context.getBean(MeterRegistry.class);
            assertThat(throughJobs(node)).contains("Paris");
            int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            HttpResponse<String> answer = post(port, QUESTION);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).isNotBlank();
            HttpResponse<String> refused = post(port, "word ".repeat(20_000));
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
            assertThat(refused.body()).contains("context");
            assertThat(meters.get("gen_ai.server.request.duration")
                            .tag("error.type", "none")
                            .timer()
                            .count())
                    .isEqualTo(2);
            assertThat(meters.get("decentral.links.open").gauge().value()).isEqualTo(1);
        }
        assertThat(meters.find("gen_ai.server.request.duration").meters())
                .as("the closed node's meters")
                .isEmpty();
        assertThatThrownBy(node::jobs).isInstanceOf(IllegalStateException.class);
        assertThat(leftover(before)).as("threads left behind").isEmpty();
    }

    /** As {@code main} does, but for where it keeps its data and on which port it listens. */
    private ConfigurableApplicationContext start() {
        SpringApplication application = new SpringApplication(ChatApplication.class);
        return application.run(
                "--server.port=0",
                "--spring.main.register-shutdown-hook=false",
                "--decentral.data-directory=" + directory,
                // A machine that builds at the same time may need longer for a first token.
                "--decentral.orchestrator.start-timeout=PT90S",
                "--decentral.orchestrator.stall-timeout=PT90S");
    }

    private static String throughJobs(Node node) throws InterruptedException {
        GenerationRequest request = GenerationRequest.builder(
                        new ModelId("smollm2-135m-instruct"), List.of(Message.of(Message.Role.USER, QUESTION)))
                .sampling(Sampling.builder().temperature(0).build())
                .maxOutputTokens(48)
                .build();
        StringBuilder answer = new StringBuilder();
        try (JobStream job = node.jobs().submit(node.developmentPayer(), request)) {
            for (GenerationEvent event = job.next(); !(event instanceof GenerationEvent.Finished); event = job.next()) {
                answer.append(event instanceof TextDelta delta ? delta.text() : "");
            }
            assertThat(job.receipt()).isNotNull();
        }
        return answer.toString();
    }

    private static HttpResponse<String> post(int port, String question) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/chat"))
                            .header("content-type", "text/plain")
                            .timeout(Duration.ofMinutes(2))
                            .POST(HttpRequest.BodyPublishers.ofString(question))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet();
    }

    /** The JDK keeps a few for the whole process; whatever else is new was ours to end. */
    private static Set<String> leftover(Set<Thread> before) throws InterruptedException {
        Set<Thread> after = Set.copyOf(threads());
        for (Thread thread : after) {
            if (!before.contains(thread) && !ofTheJdk(thread)) {
                thread.join(Duration.ofSeconds(10));
            }
        }
        return threads().stream()
                .filter(thread -> !before.contains(thread) && !ofTheJdk(thread))
                .map(Thread::getName)
                .collect(Collectors.toSet());
    }

    private static boolean ofTheJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return (group != null && group.getName().equals("InnocuousThreadGroup"))
                || Set.of("Common-Cleaner", "process reaper", "Keep-Alive-Timer")
                        .contains(thread.getName())
                // The scheduler of virtual threads.
                || thread.getName().startsWith("ForkJoinPool-1-");
    }
}
