package org.usedecentral.hardware;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.usedecentral.spi.inference.Device;

/**
 * {@code system_profiler SPDisplaysDataType -json}: an object a GPU. One that Metal supports says so under a key that begins with {@code spdisplays_mtl} or
 * {@code spdisplays_metal}; Apple's own share the machine's memory and state none.
 */
final class MacFormat {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6}) (MB|GB)");

    private MacFormat() {}

    static List<Machine.Gpu> read(String text) throws DriverTools.Unreadable {
        JsonNode list;
        try {
            list = MAPPER.readTree(text).path("SPDisplaysDataType");
        } catch (JsonProcessingException e) {
            throw new DriverTools.Unreadable(DriverTools.shortened(text));
        }
        if (!list.isArray()) {
            throw new DriverTools.Unreadable("no list of displays' GPUs");
        }
        List<Machine.Gpu> gpus = new ArrayList<>();
        for (JsonNode item : list) {
            long memory = memory(item.path("spdisplays_vram").asText(""));
            String cores = item.path("sppci_cores").asText("");
            gpus.add(new Machine.Gpu(
                    item.path("sppci_model").asText(item.path("_name").asText("GPU")),
                    hasMetal(item) ? Optional.of(Device.Kind.METAL) : Optional.empty(),
                    new Machine.Memory(memory, memory),
                    "",
                    cores.isEmpty() ? "" : cores + " cores"));
        }
        return gpus;
    }

    private static boolean hasMetal(JsonNode gpu) {
        for (Map.Entry<String, JsonNode> field : gpu.properties()) {
            String key = field.getKey().toLowerCase(Locale.ROOT);
            String value = field.getValue().asText("").toLowerCase(Locale.ROOT);
            if ((key.startsWith("spdisplays_mtl") || key.startsWith("spdisplays_metal"))
                    && value.startsWith("spdisplays_")
                    && !value.contains("not")) {
                return true;
            }
        }
        return false;
    }

    private static long memory(String text) {
        Matcher size = SIZE.matcher(text);
        return size.matches() ? Long.parseLong(size.group(1)) << (size.group(2).equals("GB") ? 30 : 20) : 0;
    }
}
