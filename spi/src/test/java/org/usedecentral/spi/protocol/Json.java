package org.usedecentral.spi.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;

/**
 * A value of a vector file. Here because the contracts depend on no JSON library, in their tests neither. Reads what Python's
 * {@code json.dumps} writes in ASCII, and nothing laxer.
 *
 * @param value a map, list, string, long, boolean or null
 */
record Json(@Nullable Object value) {
    static Json read(Path file) {
        try {
            Reader reader = new Reader(Files.readString(file));
            Json json = new Json(reader.value());
            reader.end();
            return json;
        } catch (IOException e) {
            throw new UncheckedIOException("vector file " + file.toAbsolutePath() + " cannot be read", e);
        }
    }

    Json get(String name) {
        Map<?, ?> map = (Map<?, ?>) Objects.requireNonNull(value);
        if (!map.containsKey(name)) {
            throw new IllegalArgumentException("no field " + name + " in " + map.keySet());
        }
        return new Json(map.get(name));
    }

    List<Json> list() {
        List<?> list = (List<?>) Objects.requireNonNull(value);
        List<Json> values = new ArrayList<>(list.size());
        list.forEach(element -> values.add(new Json(element)));
        return values;
    }

    boolean isNull() {
        return value == null;
    }

    boolean bool() {
        return (Boolean) Objects.requireNonNull(value);
    }

    String text() {
        return (String) Objects.requireNonNull(value);
    }

    String text(String name) {
        return get(name).text();
    }

    int integer(String name) {
        return Math.toIntExact((Long) Objects.requireNonNull(get(name).value()));
    }

    /** A number written as decimal text. */
    long number(String name) {
        return Long.parseLong(text(name));
    }

    Bytes hex(String name) {
        return Bytes.fromHex(text(name));
    }

    Account account(String name) {
        return new Account(hex(name));
    }

    JobId job() {
        return new JobId(hex("job"));
    }

    LedgerId ledger() {
        return new LedgerId(hex("ledger"));
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        @Nullable Object value() {
            skip();
            return switch (text.charAt(at)) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
        }

        void end() {
            skip();
            if (at != text.length()) {
                throw unexpected();
            }
        }

        private Map<String, @Nullable Object> object() {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            at++;
            while (!closes('}', object.isEmpty())) {
                skip();
                String name = string();
                skip();
                expect(':');
                if (object.containsKey(name)) {
                    throw new IllegalArgumentException("field " + name + " stands twice, before " + at);
                }
                object.put(name, value());
            }
            return object;
        }

        private List<@Nullable Object> array() {
            List<@Nullable Object> array = new ArrayList<>();
            at++;
            while (!closes(']', array.isEmpty())) {
                array.add(value());
            }
            return array;
        }

        /** Whether the bracket comes next; if not, the comma that must stand between elements is behind us. */
        private boolean closes(char bracket, boolean first) {
            skip();
            if (text.charAt(at) == bracket) {
                at++;
                return true;
            }
            if (!first) {
                expect(',');
            }
            return false;
        }

        private String string() {
            expect('"');
            StringBuilder string = new StringBuilder();
            while (text.charAt(at) != '"') {
                char c = text.charAt(at++);
                if (c < 0x20 || c > 0x7e) {
                    throw unexpected();
                }
                string.append(c == '\\' ? escaped() : c);
            }
            at++;
            return string.toString();
        }

        private char escaped() {
            char c = text.charAt(at++);
            return switch (c) {
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case '"', '\\' -> c;
                case 'u' -> {
                    at += 4;
                    yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
                }
                default -> throw unexpected();
            };
        }

        private Long number() {
            int start = at;
            while ("-0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return Long.valueOf(text.substring(start, at));
        }

        private @Nullable Object word(String word, @Nullable Object meaning) {
            if (!text.startsWith(word, at)) {
                throw unexpected();
            }
            at += word.length();
            return meaning;
        }

        private void expect(char c) {
            if (text.charAt(at) != c) {
                throw unexpected();
            }
            at++;
        }

        private void skip() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
        }

        private IllegalArgumentException unexpected() {
            return new IllegalArgumentException("unexpected text at " + at);
        }
    }
}
