package org.usedecentral.spi.mesh;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.Plugin;

/** Gossip and direct streams between nodes. Thread-safe. */
public interface Mesh extends Plugin {
    Account self();

    /** Publishes at most 64 KiB; does not wait. */
    default void publish(String topic, Bytes message) {
        throw DecentralException.unsupported("gossip by mesh " + name());
    }

    /** Receives a topic's messages that {@code validator} accepts; beyond {@code buffer} the oldest is dropped and counted. */
    default Subscription subscribe(String topic, MessageValidator validator, int buffer) {
        throw DecentralException.unsupported("gossip by mesh " + name());
    }

    /** Opens a stream to a peer; blocks. */
    default PeerStream open(Account peer, String protocol) throws InterruptedException {
        throw DecentralException.unsupported("streams by mesh " + name());
    }

    /** Answers streams that peers open. */
    default void serve(String protocol, StreamHandler handler) {
        throw DecentralException.unsupported("streams by mesh " + name());
    }

    /** Decides whether a message is delivered and spread further. Pure and quick; called by the mesh's threads. */
    interface MessageValidator {
        boolean accept(Account from, Bytes message);
    }

    /** Owns a stream a peer opened. */
    interface StreamHandler {
        void handle(Account peer, PeerStream stream) throws InterruptedException;
    }

    /** A topic's messages, for one reader. */
    interface Subscription extends AutoCloseable {
        Bytes next() throws InterruptedException;

        /** How many were dropped because the reader was late. */
        long dropped();

        @Override
        void close();
    }

    /** Bytes both ways, for one reader and one writer; a full window blocks the writer: that is the back-pressure. */
    interface PeerStream extends AutoCloseable {
        /** Up to {@code length} bytes into {@code target}; -1 at the end. */
        int read(byte[] target, int offset, int length) throws InterruptedException;

        void write(byte[] source, int offset, int length) throws InterruptedException;

        @Override
        void close();
    }
}
