package org.usedecentral.backend.llamacpp.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}. One rendering, one thread. */
final class LoopState {
    private final List<@Nullable Object> items;
    private final int depth;
    private int index;

    LoopState(List<@Nullable Object> items, int depth) {
        this.items = items;
        this.depth = depth;
    }

    void moveTo(int place) {
        this.index = place;
    }

    @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> (long) index + 1;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> (long) items.size() - index - 1;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> (long) depth;
            case "depth0" -> (long) depth - 1;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("loop.previtem");
            case "nextitem" -> index + 1 < items.size() ? items.get(index + 1) : new Undefined("loop.nextitem");
            case "cycle" -> (Callable) (values, _) -> values.isEmpty() ? null : values.get(index % values.size());
            default -> new Undefined("loop." + name);
        };
    }
}
