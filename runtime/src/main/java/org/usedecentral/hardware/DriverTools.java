package org.usedecentral.hardware;

import java.util.ArrayList;
import java.util.List;

/** Asks the drivers' own tools for GPUs. Thread-safe. */
final class DriverTools {
    private static final List<String> NVIDIA = List.of(
            "nvidia-smi",
            "--query-gpu=name,memory.total,memory.free,driver_version,compute_cap",
            "--format=csv,noheader,nounits");

    /** Drivers before 510 do not know the compute capability. */
    private static final List<String> OLD_NVIDIA = List.of(
            "nvidia-smi", "--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits");

    private static final List<String> AMD = List.of("amd-smi", "static", "--asic", "--vram", "--driver", "--json");
    private static final List<String> ROCM =
            List.of("rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json");
    private static final List<String> MAC = List.of("system_profiler", "SPDisplaysDataType", "-json");

    private final Tool tool;

    /** Runs one tool. */
    interface Tool {
        Output run(List<String> command) throws InterruptedException;
    }

    /**
     * What a tool printed.
     *
     * @param failure why there is nothing; empty: it went well
     */
    record Output(String text, String failure) {
        /** There is no such tool: no such GPU either, mostly. */
        static final Output MISSING = new Output("", "is not installed");

        static Output failed(String why) {
            return new Output("", why);
        }

        boolean isOk() {
            return failure.isEmpty();
        }

        boolean isMissing() {
            return equals(MISSING);
        }
    }

    /** A tool's output that is not what its makers document. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String what) {
            super(what);
        }
    }

    /** Reads one tool's output. */
    interface Format {
        List<Machine.Gpu> read(String text) throws Unreadable;
    }

    DriverTools(Tool tool) {
        this.tool = tool;
    }

    /**
     * All GPUs that a tool knows.
     *
     * @param notes gets a sentence for each tool that is there and does not do
     */
    List<Machine.Gpu> gpus(boolean mac, List<String> notes) throws InterruptedException {
        if (mac) {
            return ask(List.of(MAC), MacFormat::read, notes);
        }
        List<Machine.Gpu> gpus = new ArrayList<>(ask(List.of(NVIDIA, OLD_NVIDIA), NvidiaFormat::read, notes));
        List<String> amdNotes = new ArrayList<>();
        List<Machine.Gpu> amd = ask(List.of(AMD), AmdFormat::readAmdSmi, amdNotes);
        if (amd.isEmpty()) {
            amd = ask(List.of(ROCM), AmdFormat::readRocmSmi, amdNotes);
        }
        if (amd.isEmpty()) {
            notes.addAll(amdNotes);
        }
        gpus.addAll(amd);
        return gpus;
    }

    /** The first command that goes well counts; a tool that is not there is no news. */
    private List<Machine.Gpu> ask(List<List<String>> commands, Format format, List<String> notes)
            throws InterruptedException {
        String note = "";
        for (List<String> command : commands) {
            Output output = tool.run(command);
            if (output.isMissing()) {
                return List.of();
            }
            String name = command.getFirst();
            if (output.isOk()) {
                try {
                    return format.read(output.text());
                } catch (Unreadable e) {
                    note = name + " prints something unknown: " + e.getMessage();
                }
            } else if (note.isEmpty()) {
                note = name + " " + output.failure();
            }
        }
        notes.add(note);
        return List.of();
    }

    /** At most so much of somebody else's text goes into a message. */
    static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= 120 ? line : line.substring(0, 120) + "…";
    }
}
