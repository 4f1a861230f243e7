package org.usedecentral.spi.proof;

import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.protocol.Terms;

/**
 * What a worker was asked to do.
 *
 * @param attempt counts the job's attempts from 0
 * @param modelDigest 32 bytes; zeros where the worker's advert states none
 */
public record Assignment(Terms terms, Account worker, int attempt, Bytes modelDigest) {}
