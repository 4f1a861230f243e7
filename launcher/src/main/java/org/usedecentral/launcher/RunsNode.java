package org.usedecentral.launcher;

/** A command that is a node: it runs until it is stopped, and logs what it does. */
interface RunsNode {}
