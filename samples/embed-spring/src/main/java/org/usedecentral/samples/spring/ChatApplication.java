package org.usedecentral.samples.spring;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.usedecentral.node.Node;

/** A Spring Boot service whose answers come from a node in its own process: no port but Spring's, meters in Spring's registry. */
@SpringBootApplication
public class ChatApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(ChatApplication.class, arguments);
    }

    /** Spring closes it with the context. The keys below {@code decentral} are a node's. */
    @Bean(destroyMethod = "close")
    Node node(Environment environment, MeterRegistry meters) {
        Map<String, String> keys = new HashMap<>();
        Binder.get(environment)
                .bind("decentral", Bindable.mapOf(String.class, String.class))
                .ifBound(found -> found.forEach((key, value) -> keys.put(ofHelidon(key), value)));
        return Node.builder()
                .config(Config.just(ConfigSources.create(keys)))
                .meters(meters)
                .build()
                .start();
    }

    /** Spring writes {@code backends[0].type}, Helidon {@code backends.0.type}. */
    private static String ofHelidon(String key) {
        return key.replaceAll("\\[(\\d+)]", ".$1");
    }
}
