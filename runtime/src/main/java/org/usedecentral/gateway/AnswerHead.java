package org.usedecentral.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.JobId;

/** What every chunk of an answer repeats. */
record AnswerHead(JobId job, ModelId model, Instant created) {
    /** The fields up to the choices. Names of jobs and models need no escaping. */
    byte[] json(String object) {
        String json = "{\"id\":\"chatcmpl-" + job + "\",\"object\":\"" + object + "\",\"created\":"
                + created.getEpochSecond() + ",\"model\":\"" + model + "\"";
        return json.getBytes(StandardCharsets.US_ASCII);
    }
}
