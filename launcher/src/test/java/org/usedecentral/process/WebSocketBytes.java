package org.usedecentral.process;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a WebSocket connection carried, without the masks that hide a client's bytes from whoever looks at the wire. Stateless. */
final class WebSocketBytes {
    private static final String END_OF_HEAD = "\r\n\r\n";

    private WebSocketBytes() {}

    /** Whether a recorded direction begins with the head of a WebSocket's handshake. */
    static boolean isWebSocket(byte[] recorded) {
        return head(recorded).toLowerCase(Locale.ROOT).contains("upgrade: websocket");
    }

    private static String head(byte[] recorded) {
        String all = new String(recorded, StandardCharsets.ISO_8859_1);
        int end = all.indexOf(END_OF_HEAD);
        return end < 0 ? "" : all.substring(0, end + END_OF_HEAD.length());
    }

    /** The payloads of all frames of one direction, one after the other; a last frame that is not whole is cut where it ends. */
    static byte[] payloads(byte[] recorded) {
        ByteArrayOutputStream payloads = new ByteArrayOutputStream();
        int at = head(recorded).length();
        while (at + 2 <= recorded.length) {
            boolean masked = (recorded[at + 1] & 0x80) != 0;
            int shortLength = recorded[at + 1] & 0x7f;
            int extra = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
            int maskAt = at + 2 + extra;
            int bodyAt = maskAt + (masked ? 4 : 0);
            if (bodyAt > recorded.length) {
                break;
            }
            long length = extra == 0 ? shortLength : number(recorded, at + 2, extra);
            int end = (int) Math.min(bodyAt + length, recorded.length);
            for (int i = bodyAt; i < end; i++) {
                payloads.write(masked ? recorded[i] ^ recorded[maskAt + (i - bodyAt) % 4] : recorded[i]);
            }
            at = end;
        }
        return payloads.toByteArray();
    }

    private static long number(byte[] bytes, int at, int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number = (number << 8) | (bytes[at + i] & 0xff);
        }
        return number;
    }
}
