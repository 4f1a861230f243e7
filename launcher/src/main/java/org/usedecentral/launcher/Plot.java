package org.usedecentral.launcher;

import java.util.List;
import java.util.Locale;
import org.usedecentral.measure.Spread;

/** A line plot as inline SVG: figures over numbers of streams, from zero, with a bar from the lowest to the highest round. Stateless. */
final class Plot {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 260;
    private static final int LEFT = 56;
    private static final int TOP = 12;
    private static final int RIGHT = 14;
    private static final int BOTTOM = 36;
    private static final int COLOURS = 6;

    private Plot() {}

    /** One line; a point for each number of streams, unknown ones left out. */
    record Line(String name, List<Spread> points) {
        Line {
            points = List.copyOf(points);
        }
    }

    /** The plot and its key. */
    static String svg(String title, List<Integer> streams, List<Line> lines) {
        double most = lines.stream()
                .flatMap(line -> line.points().stream())
                .filter(Spread::isKnown)
                .mapToDouble(Spread::high)
                .max()
                .orElse(0);
        double step = step(most);
        double top = Math.max(step, Math.ceil(most / step) * step);
        StringBuilder svg = new StringBuilder();
        svg.append("<figure><figcaption>").append(escape(title)).append("</figcaption>\n");
        svg.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                HEIGHT,
                escape(title)));
        for (double value = 0; value <= top + step / 2; value += step) {
            double y = y(value, top);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
                            + "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y,
                    LEFT - 6,
                    y + 4,
                    label(value, step)));
        }
        for (int i = 0; i < streams.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"mid\" x=\"%.1f\" y=\"%d\">%d</text>%n",
                    x(i, streams.size()),
                    HEIGHT - BOTTOM + 16,
                    streams.get(i)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"mid\" x=\"%d\" y=\"%d\">streams</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 4));
        for (int i = 0; i < lines.size(); i++) {
            svg.append(line(lines.get(i), i % COLOURS, top));
        }
        return svg.append("</svg>\n").append(key(lines)).append("</figure>\n").toString();
    }

    private static String line(Line line, int colour, double top) {
        StringBuilder path = new StringBuilder();
        StringBuilder marks = new StringBuilder();
        int count = line.points().size();
        for (int i = 0; i < count; i++) {
            Spread point = line.points().get(i);
            if (!point.isKnown()) {
                continue;
            }
            double x = x(i, count);
            path.append(
                    String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : " L", x, y(point.median(), top)));
            marks.append(String.format(
                    Locale.ROOT,
                    "<line class=\"c%d\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                            + "<circle class=\"c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s: %.4g (%.4g … %.4g)"
                            + "</title></circle>%n",
                    colour,
                    x,
                    y(point.low(), top),
                    x,
                    y(point.high(), top),
                    colour,
                    x,
                    y(point.median(), top),
                    escape(line.name()),
                    point.median(),
                    point.low(),
                    point.high()));
        }
        return path.isEmpty() ? "" : "<path class=\"c" + colour + "\" d=\"" + path + "\"/>\n" + marks;
    }

    private static String key(List<Line> lines) {
        StringBuilder key = new StringBuilder("<p class=\"key\">");
        for (int i = 0; i < lines.size(); i++) {
            key.append("<span><i class=\"b")
                    .append(i % COLOURS)
                    .append("\"></i>")
                    .append(escape(lines.get(i).name()))
                    .append("</span> ");
        }
        return key.append("</p>\n").toString();
    }

    private static double x(int index, int count) {
        double room = WIDTH - RIGHT - LEFT;
        return LEFT + room * (index + 0.5) / Math.max(1, count);
    }

    private static double y(double value, double top) {
        return TOP + (HEIGHT - BOTTOM - TOP) * (1 - value / top);
    }

    /** One, two or five times a power of ten, so that there are four to ten lines. */
    private static double step(double most) {
        if (!(most > 0)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(most)));
        double digits = most / power;
        return digits >= 5 ? power : digits >= 2 ? power / 2 : power / 5;
    }

    private static String label(double value, double step) {
        int decimals = step >= 1 ? 0 : (int) Math.min(6, Math.ceil(-Math.log10(step)));
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
