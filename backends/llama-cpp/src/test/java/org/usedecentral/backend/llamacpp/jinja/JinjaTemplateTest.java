package org.usedecentral.backend.llamacpp.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JinjaTemplateTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2025, 3, 9, 7, 5, 4);

    /** The outputs are those of Python's Jinja 3.1.6, set up as Transformers does for chat templates. */
    @TestFactory
    List<DynamicTest> rendersAsPythonDoes() throws IOException {
        JsonNode file = cases();
        Map<String, @Nullable Object> variables = variables(file);
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode example : file.get("cases")) {
            String template = example.get("template").asText();
            tests.add(DynamicTest.dynamicTest(
                    template.strip(),
                    () -> assertThat(render(template, variables))
                            .isEqualTo(example.get("output").asText())));
        }
        return tests;
    }

    private static JsonNode cases() throws IOException {
        try (InputStream in = JinjaTemplateTest.class.getResourceAsStream("/jinja-cases.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }

    private static Map<String, @Nullable Object> variables(JsonNode file) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        file.get("variables").properties().forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
        return variables;
    }

    private static @Nullable Object value(JsonNode node) {
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(item -> list.add(value(item)));
            return list;
        }
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), value(entry.getValue())));
            return map;
        }
        return node.isIntegralNumber()
                ? (Object) node.asLong()
                : node.isBoolean() ? (Object) node.asBoolean() : node.asText();
    }

    @Test
    void valuesAreNotRunAsTemplates() {
        assertThat(render("{{ x }}", Map.of("x", "{{ 1 + 1 }}{% if %}"))).isEqualTo("{{ 1 + 1 }}{% if %}");
    }

    @Test
    void raiseExceptionIsTheTemplatesOwnRefusal() {
        assertThatThrownBy(() -> render("{{ raise_exception('no') }}", Map.of()))
                .isInstanceOfSatisfying(
                        JinjaException.class, e -> assertThat(e.isRaised()).isTrue())
                .hasMessage("no");
    }

    @Test
    void knowsTheTime() {
        assertThat(render("{{ strftime_now('%Y-%m-%d %H:%M:%S %A %j %-m %%') }}", Map.of()))
                .isEqualTo("2025-03-09 07:05:04 Sunday 068 3 %");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
                "{% for i in range(9999999999) %}{% endfor %}",
                "{{ 'x' * 999999999 }}",
                "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ 1 // 0 }}",
                "{{ nope.attribute }}",
                "{{ nope() }}",
                "{{ 'a' + 1 }}",
                "{{ [1, 'a'] | sort }}",
                "{% set x.y = 1 %}",
                "{{ {none: 1} }}"
            })
    void whatCannotBeDoneIsAnErrorAndSoon(String template) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> render(template, Map.of("x", "text")))
                .isInstanceOfSatisfying(
                        JinjaException.class, e -> assertThat(e.isRaised()).isFalse());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 'a }}",
                "{{ a",
                "{% if x %}",
                "{% endif %}",
                "{% for x %}{% endfor %}",
                "{% frob %}",
                "{{ a b }}",
                "{{ ( }}",
                "{# open",
                "{% raw %}",
                "{{ 1 + }}",
                "{% set %}",
                "{{ x | }}"
            })
    void whatCannotBeParsedNamesItsLine(String template) {
        assertThatThrownBy(() -> JinjaTemplate.parse("\n" + template, () -> NOW))
                .isInstanceOf(JinjaException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void deepNestingIsRefusedNotAnOverflow() {
        String deep = "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}";
        assertThatThrownBy(() -> JinjaTemplate.parse(deep, () -> NOW)).isInstanceOf(JinjaException.class);
        String nots = "{{ " + "not ".repeat(50_000) + "1 }}";
        assertThatThrownBy(() -> render(nots, Map.of())).isInstanceOf(JinjaException.class);
        String minus = "{{ " + "-".repeat(50_000) + "1 }}";
        assertThatThrownBy(() -> render(minus, Map.of())).isInstanceOf(JinjaException.class);
        String sums = "{{ 1" + " + 1".repeat(50_000) + " }}";
        assertThatThrownBy(() -> render(sums, Map.of())).isInstanceOf(JinjaException.class);
        String blocks = "{% if 1 %}".repeat(5_000);
        assertThatThrownBy(() -> JinjaTemplate.parse(blocks, () -> NOW)).isInstanceOf(JinjaException.class);
    }

    @Test
    void damagedTemplatesGiveNoOtherError() throws IOException {
        JsonNode file = cases();
        Map<String, @Nullable Object> variables = variables(file);
        Random random = new Random(9);
        String pieces = "{}%#-'\"()[]|.,:~+*/ \nxifelsendforset0123";
        for (JsonNode example : file.get("cases")) {
            for (int i = 0; i < 200; i++) {
                StringBuilder damaged =
                        new StringBuilder(example.get("template").asText());
                for (int n = 0; n <= random.nextInt(3); n++) {
                    damaged.setCharAt(random.nextInt(damaged.length()), pieces.charAt(random.nextInt(pieces.length())));
                }
                try {
                    render(damaged.toString(), variables);
                } catch (JinjaException e) {
                    assertThat(e.getMessage()).isNotEmpty();
                }
            }
        }
    }

    private static String render(String template, Map<String, ? extends @Nullable Object> variables) {
        return JinjaTemplate.parse(template, () -> NOW).render(variables);
    }
}
