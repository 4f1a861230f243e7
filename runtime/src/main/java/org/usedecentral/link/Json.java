package org.usedecentral.link;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.function.Function;
import org.usedecentral.spi.Account;
import org.usedecentral.spi.Bytes;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.ErrorCode;
import org.usedecentral.spi.ModelId;
import org.usedecentral.spi.protocol.JobId;
import org.usedecentral.spi.protocol.LedgerId;
import org.usedecentral.spi.protocol.TransactionId;
import org.usedecentral.spi.protocol.WriteId;

/** Records as JSON the way the protocol writes them: snake_case names, bytes in base64, ids and keys in base58. Thread-safe. */
public final class Json {
    private static final int MAX_DEPTH = 32;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(values())
            .build();

    private Json() {}

    /** The UTF-8 bytes of a record. */
    public static Bytes write(Object value) {
        try {
            return Bytes.of(MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of ours cannot be written", e);
        }
    }

    /** Reads a record; {@code INVALID_REQUEST} if the bytes are not one. Unknown fields are passed over, so that frames can grow. */
    public static <T> T read(byte[] json, int offset, int length, Class<T> type) {
        try {
            T value = MAPPER.readValue(json, offset, length, type);
            if (value == null) {
                throw DecentralException.invalid("json", "null");
            }
            return value;
        } catch (IOException | DecentralException e) {
            String what = e instanceof JsonProcessingException json1 ? json1.getOriginalMessage() : e.getMessage();
            throw new DecentralException(ErrorCode.INVALID_REQUEST, "not a " + type.getSimpleName() + ": " + what, e);
        }
    }

    /** Reads a record from all of {@code json}. */
    public static <T> T read(Bytes json, Class<T> type) {
        return read(json.toByteArray(), 0, json.length(), type);
    }

    private static SimpleModule values() {
        SimpleModule module = new SimpleModule();
        add(module, Bytes.class, Bytes::base64, Bytes::fromBase64);
        add(module, Account.class, Account::toString, Account::parse);
        add(module, JobId.class, JobId::toString, JobId::parse);
        add(module, LedgerId.class, LedgerId::toString, LedgerId::parse);
        add(module, TransactionId.class, TransactionId::toString, TransactionId::parse);
        add(module, WriteId.class, WriteId::toString, WriteId::parse);
        add(module, ModelId.class, ModelId::value, ModelId::new);
        return module;
    }

    private static <T> void add(
            SimpleModule module, Class<T> type, Function<T, String> writer, Function<String, T> reader) {
        module.addSerializer(type, new TextSerializer<>(type, writer));
        module.addDeserializer(type, new TextDeserializer<>(type, reader));
    }

    private static final class TextSerializer<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<T, String> writer;

        TextSerializer(Class<T> type, Function<T, String> writer) {
            super(type);
            this.writer = writer;
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(writer.apply(value));
        }
    }

    private static final class TextDeserializer<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> reader;

        TextDeserializer(Class<T> type, Function<String, T> reader) {
            super(type);
            this.reader = reader;
        }

        @Override
        public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            String text = in.getValueAsString();
            if (text == null) {
                throw context.weirdStringException("", _valueClass, "text expected");
            }
            try {
                return reader.apply(text);
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(text, _valueClass, String.valueOf(e.getMessage()));
            }
        }
    }
}
