package org.usedecentral.gateway;

import java.time.Instant;
import org.usedecentral.spi.Account;

/**
 * What is known of an API key; not the key itself, which nobody but its owner has.
 *
 * @param id names the key in lists and for revoking
 * @param name what its owner calls it
 * @param payer whose credits its jobs lock
 */
public record ApiKey(String id, String name, Account payer, Instant created) {}
