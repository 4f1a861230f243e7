package org.usedecentral.spi;

import java.util.regex.Pattern;

/**
 * The name by which clients ask for a model.
 *
 * @param value 1 to 128 characters: letters, digits and {@code . _ - : /}, beginning with a letter or digit
 */
public record ModelId(String value) {
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}");

    public ModelId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException("not a model name: 1 to 128 letters, digits and . _ - : / are allowed");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
