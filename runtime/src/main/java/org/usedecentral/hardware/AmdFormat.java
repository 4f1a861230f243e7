package org.usedecentral.hardware;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.usedecentral.spi.inference.Device;

/**
 * What AMD's two tools print as JSON. {@code rocm-smi} has an object with a member a card, whose keys changed their case between ROCm 5 and 6;
 * {@code amd-smi static} has an array, since ROCm 7 inside {@code gpu_data}, with sizes as a value and a unit.
 */
final class AmdFormat {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Map<String, Long> UNITS = Map.of("B", 1L, "KB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30);

    private AmdFormat() {}

    static List<Machine.Gpu> readRocmSmi(String text) throws DriverTools.Unreadable {
        JsonNode root = parse(text);
        List<Machine.Gpu> gpus = new ArrayList<>();
        for (Map.Entry<String, JsonNode> card : root.properties()) {
            if (card.getKey().matches("card\\d+")) {
                long total = number(field(card.getValue(), "vram total memory (b)"));
                long used = number(field(card.getValue(), "vram total used memory (b)"));
                gpus.add(gpu(field(card.getValue(), "card series").asText(""), total, Math.max(0, total - used), ""));
            }
        }
        return gpus;
    }

    static List<Machine.Gpu> readAmdSmi(String text) throws DriverTools.Unreadable {
        JsonNode root = parse(text);
        JsonNode list = root.isArray() ? root : root.path("gpu_data");
        if (!list.isArray()) {
            throw new DriverTools.Unreadable("no list of GPUs");
        }
        List<Machine.Gpu> gpus = new ArrayList<>();
        for (JsonNode item : list) {
            JsonNode size = item.path("vram").path("size");
            Long unit = UNITS.get(size.path("unit").asText("").toUpperCase(Locale.ROOT));
            if (unit == null) {
                throw new DriverTools.Unreadable("a VRAM size of " + DriverTools.shortened(size.toString()));
            }
            long total = Math.multiplyExact(number(size.path("value")), unit);
            // What is free is a question for its other command; a worker's GPU is mostly its own.
            gpus.add(gpu(
                    item.path("asic").path("market_name").asText(""),
                    total,
                    total,
                    item.path("driver").path("version").asText("")));
        }
        return gpus;
    }

    private static Machine.Gpu gpu(String name, long total, long free, String driver) {
        return new Machine.Gpu(
                name.isBlank() ? "AMD GPU" : name.strip(),
                Optional.of(Device.Kind.ROCM),
                new Machine.Memory(total, free),
                driver,
                "");
    }

    /** Warnings may stand before the JSON, a line each. */
    private static JsonNode parse(String text) throws DriverTools.Unreadable {
        int start = 0;
        while (start < text.length() && text.charAt(start) != '{' && text.charAt(start) != '[') {
            int end = text.indexOf('\n', start);
            start = end < 0 ? text.length() : end + 1;
        }
        try {
            JsonNode root = MAPPER.readTree(text.substring(start));
            if (root == null || !root.isContainerNode()) {
                throw new DriverTools.Unreadable(DriverTools.shortened(text));
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new DriverTools.Unreadable(DriverTools.shortened(text));
        }
    }

    private static JsonNode field(JsonNode card, String lowerCaseName) {
        for (Map.Entry<String, JsonNode> field : card.properties()) {
            if (field.getKey().toLowerCase(Locale.ROOT).equals(lowerCaseName)) {
                return field.getValue();
            }
        }
        return MAPPER.missingNode();
    }

    private static long number(JsonNode node) throws DriverTools.Unreadable {
        String digits = node.asText("");
        if (!digits.matches("\\d{1,18}")) {
            throw new DriverTools.Unreadable("memory of '" + DriverTools.shortened(digits) + "'");
        }
        return Long.parseLong(digits);
    }
}
