package org.usedecentral.launcher;

/**
 * What the doctor found about one thing.
 *
 * @param detail what is there
 * @param remedy what to do; empty where all is well
 */
record Check(String name, Level level, String detail, String remedy) {
    /** How bad it is. */
    enum Level {
        OK,
        /** It works, less well or not yet. */
        WARN,
        FAIL
    }

    static Check ok(String name, String detail) {
        return new Check(name, Level.OK, detail, "");
    }

    static Check warn(String name, String detail, String remedy) {
        return new Check(name, Level.WARN, detail, remedy);
    }

    static Check fail(String name, String detail, String remedy) {
        return new Check(name, Level.FAIL, detail, remedy);
    }
}
