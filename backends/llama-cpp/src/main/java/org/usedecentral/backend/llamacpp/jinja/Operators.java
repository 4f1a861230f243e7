package org.usedecentral.backend.llamacpp.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Arithmetic, comparison, items and slices with Python's rules. */
final class Operators {
    /** Longer than any prompt; a template that multiplies text is stopped here. */
    private static final long MAX_TEXT = 1 << 24;

    private static final int MAX_ITEMS = 1 << 20;

    private Operators() {}

    static @Nullable Object binary(String operator, @Nullable Object a, @Nullable Object b) {
        return switch (operator) {
            case "==" -> Values.equal(a, b);
            case "!=" -> !Values.equal(a, b);
            case "<" -> Values.compare(a, b) < 0;
            case ">" -> Values.compare(a, b) > 0;
            case "<=" -> Values.compare(a, b) <= 0;
            case ">=" -> Values.compare(a, b) >= 0;
            case "in" -> Values.contains(b, a);
            case "~" -> joined(Values.text(a), Values.text(b));
            case "+" -> add(a, b);
            case "*" -> multiply(a, b);
            case "%" -> a instanceof String format ? TextMethods.percent(format, b) : arithmetic("%", a, b);
            default -> arithmetic(operator, a, b);
        };
    }

    private static Object add(@Nullable Object a, @Nullable Object b) {
        if (a instanceof String x && b instanceof String y) {
            return joined(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            List<@Nullable Object> sum = new ArrayList<>(x);
            sum.addAll(y);
            if (sum.size() > MAX_ITEMS) {
                throw JinjaException.fault("a list becomes too long");
            }
            return sum;
        }
        return arithmetic("+", a, b);
    }

    private static String joined(String a, String b) {
        if ((long) a.length() + b.length() > MAX_TEXT) {
            throw JinjaException.fault("a text becomes too long");
        }
        return a + b;
    }

    private static Object multiply(@Nullable Object a, @Nullable Object b) {
        if (a instanceof String s && b instanceof Long n) {
            long times = Math.max(0, n);
            if (times * s.length() > MAX_TEXT) {
                throw JinjaException.fault("a text becomes too long");
            }
            return s.repeat((int) times);
        }
        return arithmetic("*", a, b);
    }

    private static Object arithmetic(String operator, @Nullable Object a, @Nullable Object b) {
        if (!Values.isNumber(a) || !Values.isNumber(b)) {
            throw JinjaException.fault(
                    "cannot compute " + Values.described(a) + " " + operator + " " + Values.described(b));
        }
        try {
            if (operator.equals("/") || a instanceof Double || b instanceof Double) {
                return floating(operator, Values.toDouble(a), Values.toDouble(b));
            }
            return whole(operator, Values.toLong(a), Values.toLong(b));
        } catch (ArithmeticException e) {
            throw JinjaException.fault("cannot compute " + Values.text(a) + " " + operator + " " + Values.text(b));
        }
    }

    private static Object whole(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            default -> {
                double power = Math.pow((double) a, (double) b);
                yield b >= 0 && Math.abs(power) < 1L << 53 ? (Object) (long) power : (Object) power;
            }
        };
    }

    private static Object floating(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new ArithmeticException();
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            default -> Math.pow(a, b);
        };
    }

    static Object negate(@Nullable Object value) {
        return value instanceof Double d ? (Object) (-d) : (Object) Math.negateExact(Values.toLong(value));
    }

    /** {@code base[key]}: an item, else an attribute, else undefined. */
    static @Nullable Object item(@Nullable Object base, @Nullable Object key) {
        if (base instanceof Map<?, ?> map && map.containsKey(key)) {
            return map.get(key);
        }
        if (base instanceof List<?> list && key instanceof Long index) {
            int at = place(index, list.size());
            return at < 0 ? new Undefined("[" + index + "]") : list.get(at);
        }
        if (base instanceof String s && key instanceof Long index) {
            int at = place(index, s.codePointCount(0, s.length()));
            return at < 0
                    ? new Undefined("[" + index + "]")
                    : Character.toString(s.codePointAt(s.offsetByCodePoints(0, at)));
        }
        if (base instanceof Undefined) {
            throw JinjaException.fault(Values.described(base) + " has no items");
        }
        return key instanceof String name ? Attributes.of(base, name) : new Undefined(Values.text(key));
    }

    private static int place(long index, int size) {
        long at = index < 0 ? index + size : index;
        return at < 0 || at >= size ? -1 : (int) at;
    }

    static Object slice(@Nullable Object base, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        List<@Nullable Object> items = Values.items(base);
        List<@Nullable Object> taken = new ArrayList<>();
        long stride = step == null ? 1 : Values.toLong(step);
        if (stride == 0) {
            throw JinjaException.fault("a slice needs a step other than 0");
        }
        int size = items.size();
        long low = stride > 0 ? 0 : -1;
        long high = stride > 0 ? size : size - 1;
        long start = from == null ? (stride > 0 ? low : high) : bound(from, size, low, high);
        long end = to == null ? (stride > 0 ? high : low) : bound(to, size, low, high);
        for (long i = start; stride > 0 ? i < end : i > end; i += stride) {
            taken.add(items.get((int) i));
        }
        return base instanceof String ? taken.stream().map(Values::text).collect(Collectors.joining()) : taken;
    }

    private static long bound(Object value, int size, long low, long high) {
        long at = Values.toLong(value);
        return Math.clamp(at < 0 ? at + size : at, low, high);
    }
}
