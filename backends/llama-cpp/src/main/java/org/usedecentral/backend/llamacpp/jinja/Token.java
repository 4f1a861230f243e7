package org.usedecentral.backend.llamacpp.jinja;

/**
 * A piece of a template.
 *
 * @param text the text, name, operator, number or string value
 */
record Token(Kind kind, String text, int line) {
    /** The kinds of token. */
    enum Kind {
        TEXT,
        /** <code>{{</code> or <code>{%</code>. */
        BEGIN_PRINT,
        BEGIN_BLOCK,
        /** <code>}}</code> or <code>%}</code>. */
        END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        EOF
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    @Override
    public String toString() {
        return kind == Kind.EOF ? "the end of the template" : "'" + text + "'";
    }
}
