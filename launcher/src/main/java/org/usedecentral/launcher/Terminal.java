package org.usedecentral.launcher;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command prints: results to {@code out}, remarks and errors to {@code err}. Always UTF-8, since answers of models are that, whatever
 * the locale says. Thread-safe.
 */
final class Terminal {
    private final PrintStream out;
    private final PrintStream err;
    private final InputStream in;
    private final Interactive interactive;

    /** Which of the streams a person looks at. */
    record Interactive(boolean in, boolean out, boolean err) {}

    Terminal(PrintStream out, PrintStream err, InputStream in, Interactive interactive) {
        this.out = out;
        this.err = err;
        this.in = in;
        this.interactive = interactive;
    }

    /** The process's own streams. The start script says which of them are terminals, as Java knows of all three together only. */
    static Terminal ofProcess() {
        String known = System.getProperty("decentral.terminals", "");
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                new FileInputStream(FileDescriptor.in),
                new Interactive(known.contains("0"), known.contains("1"), known.contains("2")));
    }

    Terminal silent() {
        return new Terminal(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                err,
                in,
                new Interactive(interactive.in(), false, interactive.err()));
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    InputStream in() {
        return in;
    }

    Interactive interactive() {
        return interactive;
    }

    /** Lines that somebody types. */
    BufferedReader lines() {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
