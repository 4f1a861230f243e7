package org.usedecentral.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.PartKind;

final class AnswerReaderTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final StringBuilder shown = new StringBuilder();
    private final AnswerReader reader = new AnswerReader(shown::append);

    private void delta(String delta, String more) {
        reader.accept("{\"choices\":[{\"index\":0,\"delta\":{" + delta + "}" + more + "}]}", MAPPER);
    }

    private void end() {
        reader.accept(
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"decentral\":{\"version\":1}}",
                MAPPER);
    }

    @Test
    void piecesBecomeTheAnswerInTheirOrder() {
        delta("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null", ",\"finish_reason\":null");
        delta("\"reasoning_content\":\"hm\"", "");
        delta("\"content\":\"Par\"", "");
        delta("\"content\":\"is\"", "");
        end();
        reader.accept("[DONE]", MAPPER);
        Answer answer = reader.answer("job", "lock");
        assertThat(answer.text()).isEqualTo("Paris");
        assertThat(shown).hasToString("Paris");
        assertThat(answer.pieces()).hasSize(3);
        assertThat(answer.pieces().getFirst().part().kind()).isEqualTo(PartKind.REASONING);
        assertThat(answer.finishReason()).isEqualTo("stop");
        assertThat(answer.receipt().utf8()).isEqualTo("{\"version\":1}");
    }

    @Test
    void aStreamThatEndsEarlyIsNoAnswer() {
        delta("\"content\":\"Par\"", "");
        assertThatThrownBy(() -> reader.answer("job", "lock"))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("too early");
        end();
        assertThatThrownBy(() -> reader.answer("job", "lock"))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("too early");
    }

    @Test
    void anErrorInTheStreamIsToldAsItStands() {
        assertThatThrownBy(() -> reader.accept("{\"error\":{\"message\":\"no worker is left\"}}", MAPPER))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("no worker is left");
        assertThatThrownBy(() -> reader.accept("not JSON", MAPPER)).isInstanceOf(DecentralException.class);
    }

    @Test
    void anotherServersAnswerIsNoneOfOurs() {
        delta("\"content\":\"hi\"", ",\"finish_reason\":\"stop\"");
        reader.accept("[DONE]", MAPPER);
        assertThatThrownBy(() -> reader.answer("", ""))
                .isInstanceOf(DecentralException.class)
                .hasMessageContaining("not a gateway of Decentral");
    }
}
