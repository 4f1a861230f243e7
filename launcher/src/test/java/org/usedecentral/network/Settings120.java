package org.usedecentral.network;

import java.time.Duration;
import org.usedecentral.orchestrator.Settings;

/** Settings for tests of the deadline. */
final class Settings120 {
    private Settings120() {}

    /** The default but for the start and stall rules, which would end a silent job before its deadline does. */
    static Settings patient() {
        Settings standard = Settings.DEFAULT;
        Settings.Timeouts timeouts = standard.timeouts();
        return new Settings(
                new Settings.Timeouts(Duration.ofHours(1), Duration.ofHours(1), timeouts.commit(), timeouts.job()),
                standard.ceilings(),
                standard.link(),
                standard.defaultOutputTokens(),
                standard.maxJobs());
    }
}
