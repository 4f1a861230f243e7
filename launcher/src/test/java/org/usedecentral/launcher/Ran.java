package org.usedecentral.launcher;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A command run in this process, with its own streams and surroundings. */
record Ran(int code, String out, String err) {
    /** What a command is run with. */
    record Setting(Path home, Map<String, String> environment, String in) {
        static Setting of(Path home) {
            return new Setting(home, Map.of(), "");
        }
    }

    static Ran command(Setting setting, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(setting.in().getBytes(StandardCharsets.UTF_8)),
                new Terminal.Interactive(false, false, false));
        Surroundings surroundings = new Surroundings(setting.environment(), Map.of(), setting.home());
        int code = Commands.execute(new Session(terminal, Shutdown.never(), surroundings), arguments);
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    List<String> errors() {
        return err.lines().toList();
    }
}
