package org.usedecentral.backend.llamacpp.jinja;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON as Python's {@code json.dumps(ensure_ascii=False)} spaces it, which models were trained on. */
final class Json {
    private final StringBuilder out = new StringBuilder();
    private final Style style;

    /** How it is laid out; {@code indent} below 0: all on one line. */
    record Style(int indent, String comma, String colon, boolean ascii) {
        static Style of(int indent, boolean ascii) {
            return new Style(indent, indent < 0 ? ", " : ",", ": ", ascii);
        }
    }

    private Json(Style style) {
        this.style = style;
    }

    static String write(@Nullable Object value, Style style) {
        Json json = new Json(style);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(@Nullable Object value, int depth) {
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Long n -> out.append(n);
            case Double d -> out.append(Values.number(d));
            case String s -> text(s);
            case List<?> list -> list(list, depth);
            case Map<?, ?> map -> map(map, depth);
            default -> throw JinjaException.fault(Values.described(value) + " cannot be written as JSON");
        }
    }

    private void list(List<?> list, int depth) {
        String separator = "";
        out.append('[');
        for (Object item : list) {
            out.append(separator);
            line(depth + 1);
            value(item, depth + 1);
            separator = style.comma();
        }
        if (!list.isEmpty()) {
            line(depth);
        }
        out.append(']');
    }

    private void map(Map<?, ?> map, int depth) {
        String separator = "";
        out.append('{');
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            line(depth + 1);
            text(Values.text(entry.getKey()));
            out.append(style.colon());
            value(entry.getValue(), depth + 1);
            separator = style.comma();
        }
        if (!map.isEmpty()) {
            line(depth);
        }
        out.append('}');
    }

    private void line(int depth) {
        if (style.indent() >= 0) {
            out.append('\n').repeat(' ', style.indent() * depth);
        }
    }

    private void text(String s) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || (style.ascii() && c > 0x7E)) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
