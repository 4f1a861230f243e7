package org.usedecentral.link;

/** Carries whole frames to the other end of a link. Thread-safe. */
public interface Wire {
    /**
     * Sends a frame, in the order of calls; blocks while the transport is full: that is the back-pressure. The array is not changed afterwards.
     *
     * @throws org.usedecentral.spi.DecentralException {@code UNAVAILABLE} once the wire is closed
     */
    void send(byte[] frame);

    /** Ends the wire; any thread, any number of times. */
    void close(String reason);

    /** The other direction: called by one thread at a time. */
    interface Listener {
        /** A frame has come; the array belongs to the transport again after the call. */
        void onFrame(byte[] frame, int offset, int length);

        /** The wire ended; the last call, made once. */
        void onClosed(String reason);
    }
}
