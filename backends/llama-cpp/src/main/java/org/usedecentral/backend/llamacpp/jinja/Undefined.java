package org.usedecentral.backend.llamacpp.jinja;

/** What a name that nobody set stands for: prints nothing, is false and empty, and has nothing in it. */
record Undefined(String name) {}
