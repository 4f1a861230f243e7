package org.usedecentral.spi.inference;

import org.jspecify.annotations.Nullable;

/**
 * Whether the model may, must or must not call tools.
 *
 * @param function the tool that must be called, for {@link Kind#FUNCTION} only
 */
public record ToolChoice(Kind kind, @Nullable String function) {
    public static final ToolChoice AUTO = new ToolChoice(Kind.AUTO, null);
    public static final ToolChoice NONE = new ToolChoice(Kind.NONE, null);
    public static final ToolChoice REQUIRED = new ToolChoice(Kind.REQUIRED, null);

    /** The freedom the model has. */
    public enum Kind {
        AUTO,
        NONE,
        REQUIRED,
        FUNCTION
    }
}
