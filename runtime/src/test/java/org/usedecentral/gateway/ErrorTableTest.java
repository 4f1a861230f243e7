package org.usedecentral.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;

final class ErrorTableTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeHasARowThatAgreesWithIt(ErrorCode code) {
        ErrorTable.Row row = ErrorTable.row(code);
        assertThat(row.retryAfter() > 0).as("Retry-After").isEqualTo(code.retryable());
        boolean client = code.kind() == ErrorCode.Kind.CLIENT;
        assertThat(row.status() < 500).as("status").isEqualTo(client || row.status() == 402 || row.status() == 429);
        assertThat(row.type()).isNotBlank();
        assertThat(row.code()).matches("[a-z_]+");
    }

    @Test
    void anErrorNamesItsParameter() {
        assertThat(ErrorTable.json(DecentralException.invalid("n", "n \"must\" lie in 1 … 128")))
                .isEqualTo("{\"error\":{\"message\":\"n \\\"must\\\" lie in 1 … 128\","
                        + "\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":\"invalid_request\"}}");
    }
}
