package org.usedecentral.hardware;

/** Where a {@link Machine} comes from: tests bring their own. */
public interface MachineSource {
    /** Looks at the machine; takes seconds where driver tools are slow, and never fails: what cannot be found out is a note. */
    Machine look() throws InterruptedException;

    /** The machine this process runs on. */
    static MachineSource ofProcess() {
        return new ThisMachine(new OshiProbe(), new DriverTools(new ToolRun()));
    }
}
