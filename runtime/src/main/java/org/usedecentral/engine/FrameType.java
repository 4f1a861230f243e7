package org.usedecentral.engine;

import java.io.IOException;

/** What a frame between worker and engine host is. Both ends are of one build, so the numbers may change. */
enum FrameType {
    /** Host: the token it was given. The first frame. */
    HELLO(0),
    /** Worker, a call: the backend to make and start. */
    CONFIGURE(1),
    /** Worker, a call: artifact and path. */
    LOAD(2),
    /** Worker, a call: request. */
    COUNT(3),
    /** Worker, a call: model and inputs. */
    EMBED(4),
    /** Worker, begins a stream: request. */
    GENERATE(5),
    /** Host: the engine runs the request. */
    ADMITTED(6),
    /** Host: input tokens, then events of a stream; the last one is Finished. */
    EVENTS(7),
    /** Worker: so many bytes of a stream were consumed. */
    CREDIT(8),
    /** Worker: a stream or call is not wanted any more. */
    CANCEL(9),
    /** Host: a call's answer. */
    RESULT(10),
    /** Host: why a stream or call failed, which ends it; worker: why a question has no answer. */
    FAILED(11),
    /** Host, a question: an artifact's id. */
    ARTIFACT(12),
    /** Worker: a question's answer, such as where the artifact lies. */
    ANSWER(13),
    /** Host: devices and models, whenever they have changed. */
    MODELS(14),
    /** Host: load, whenever it has changed. */
    LOAD_STATE(15),
    PING(16),
    PONG(17),
    /** Worker: close the engine and end. */
    CLOSE(18),
    /** Host, a question: a file whose SHA-256 it asks for. */
    DIGEST(19);

    private static final FrameType[] BY_CODE = values();

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameType of(int code) throws IOException {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IOException("no frame of type " + code);
        }
        return BY_CODE[code];
    }
}
