package org.usedecentral.gateway;

/** A refusal that only HTTP has a word for. Thrown and caught within a request. */
final class HttpRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ErrorTable.Row row;
    private final String sentence;

    HttpRefusal(int status, String code, String sentence) {
        super(sentence, null, false, false);
        this.row = ErrorTable.http(status, code);
        this.sentence = sentence;
    }

    ErrorTable.Row row() {
        return row;
    }

    String sentence() {
        return sentence;
    }
}
