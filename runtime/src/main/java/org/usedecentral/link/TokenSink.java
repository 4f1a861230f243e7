package org.usedecentral.link;

import org.usedecentral.spi.inference.GenerationEvent;

/** Where a lane's output goes. Fed by the thread that reads the link; never blocks it. */
public sealed interface TokenSink permits QueueSink {
    /**
     * Takes an event.
     *
     * @param bytes what it took of the lane's window, to be given back when the event is consumed
     * @param window gives window back to the lane
     */
    void put(GenerationEvent event, int bytes, Window window);

    /** Gives bytes back to a lane's window. */
    interface Window {
        void consumed(int bytes);
    }
}
