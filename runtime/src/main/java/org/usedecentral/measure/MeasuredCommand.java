package org.usedecentral.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

/**
 * A program that measures itself, run once a round beside the backends: a loop in C, or another project's tool behind a small script. It gets
 * {@code --streams N --tokens T --prompt-tokens P} and prints one JSON object whose {@code decode} has {@code tokens}, {@code seconds} and
 * {@code cpu_seconds} of decoding alone, and likewise {@code prefill} if it can; {@code peak_bytes} too.
 */
final class MeasuredCommand implements Contender {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_OUTPUT = 1 << 16;
    private static final Percentiles NONE = Percentiles.of(new double[0]);

    private final String name;
    private final List<String> words;
    private final Duration limit;

    MeasuredCommand(String name, List<String> words, Duration limit) {
        this.name = name;
        this.words = List.copyOf(words);
        this.limit = limit;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String model() {
        return "as it says";
    }

    @Override
    public String refusal(Workload workload) {
        return workload.mixed() ? "a command has no mixed lengths" : "";
    }

    @Override
    public Round run(Workload workload) throws InterruptedException {
        List<String> command = new ArrayList<>(words);
        command.addAll(List.of(
                "--streams", Integer.toString(workload.streams()),
                "--tokens", Integer.toString(workload.outputTokens()),
                "--prompt-tokens", Integer.toString(workload.promptTokens())));
        return read(output(command));
    }

    private String output(List<String> command) throws InterruptedException {
        Path file = null;
        Process process = null;
        try {
            // A file, so that a program that prints much or hangs with its output open blocks nobody.
            file = Files.createTempFile("decentral-bench-", ".out");
            process = new ProcessBuilder(command)
                    .redirectOutput(file.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw failed("did not end within " + limit.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw failed("ended with exit code " + process.exitValue() + "; run it by hand: "
                        + String.join(" ", command));
            }
            try (InputStream in = Files.newInputStream(file)) {
                return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new DecentralException(ErrorCode.UNAVAILABLE, "command " + name + " cannot be run: " + e, e);
        } finally {
            end(process, file);
        }
    }

    private static void end(@Nullable Process process, @Nullable Path file) {
        if (process != null) {
            process.destroyForcibly();
        }
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.getLogger(MeasuredCommand.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} is left behind: {1}", file, e);
        }
    }

    private Round read(String output) {
        JsonNode said;
        try {
            said = JSON.readTree(output);
        } catch (JsonProcessingException e) {
            throw failed("printed no JSON");
        }
        Stretch decode = stretch(said.path("decode"));
        if (!(decode.perSecond() > 0)) {
            throw failed("printed no decode with tokens and seconds");
        }
        long peak = said.path("peak_bytes").asLong(ProcessMeter.HIDDEN);
        return new Round.Generation(
                stretch(said.path("prefill")),
                decode,
                NONE,
                NONE,
                Math.round(decode.amount()),
                new ProcessMeter.Use(ProcessMeter.HIDDEN, peak, peak));
    }

    private static Stretch stretch(JsonNode node) {
        return node.isObject()
                ? new Stretch(
                        node.path("tokens").asDouble(),
                        node.path("seconds").asDouble(),
                        node.path("cpu_seconds").asDouble(Double.NaN))
                : Stretch.NONE;
    }

    private DecentralException failed(String why) {
        return new DecentralException(ErrorCode.UNAVAILABLE, "command " + name + " " + why);
    }
}
