package org.usedecentral.gateway;

/** The client can no longer be written to. Thrown and caught within a request. */
final class ClientLeft extends Exception {
    private static final long serialVersionUID = 1L;

    ClientLeft() {
        super("the client left", null, false, false);
    }
}
