package org.usedecentral.backend.llamacpp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;

/**
 * Receives libllama's log on whatever thread it writes: to {@link System.Logger} at debug, and the last error is kept,
 * because a failed load says its reason nowhere else.
 */
@SuppressWarnings("restricted") // Calling native code is what this package is for.
final class LlamaLog {
    private static final System.Logger LOGGER = System.getLogger(LlamaLog.class.getName());
    private static final int ERROR = 4;
    private static final int MAX_LINE = 4096;
    private static final ThreadLocal<String> LAST_ERROR = new ThreadLocal<>();

    private LlamaLog() {}

    /** A {@code ggml_log_callback}. */
    static MemorySegment logCallback(Arena arena) {
        FunctionDescriptor callback =
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        return upcall("write", callback, arena);
    }

    /** A {@code ggml_abort_callback_t}: the last words of a process whose assertion failed. */
    static MemorySegment abortCallback(Arena arena) {
        return upcall("abort", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), arena);
    }

    private static MemorySegment upcall(String method, FunctionDescriptor callback, Arena arena) {
        try {
            MethodType type = callback.toMethodType();
            MethodHandle target = MethodHandles.lookup().findStatic(LlamaLog.class, method, type);
            return Linker.nativeLinker().upcallStub(target, callback, arena);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Forgets this thread's last error, before a call whose failure is to be explained. */
    static void clear() {
        LAST_ERROR.remove();
    }

    /** What the library last complained of on this thread, or "no reason given". */
    static String lastError() {
        String text = LAST_ERROR.get();
        return text == null ? "no reason given" : text;
    }

    // Called from native code, where an exception would end the process.
    @SuppressWarnings("unused")
    private static void write(int level, MemorySegment text, MemorySegment unused) {
        try {
            boolean debug = LOGGER.isLoggable(System.Logger.Level.DEBUG);
            if (level != ERROR && !debug) {
                return;
            }
            String line = line(text);
            if (line.isEmpty()) {
                return;
            }
            if (level == ERROR) {
                LAST_ERROR.set(line);
            }
            LOGGER.log(System.Logger.Level.DEBUG, line);
        } catch (Throwable e) {
            // Nothing may leave, and a log line is worth no process.
        }
    }

    @SuppressWarnings("unused")
    private static void abort(MemorySegment message) {
        try {
            LOGGER.log(System.Logger.Level.ERROR, "llama.cpp ends this process: " + line(message));
        } catch (Throwable e) {
            // As above.
        }
    }

    private static String line(MemorySegment text) {
        if (text.address() == 0) {
            return "";
        }
        MemorySegment bytes = text.reinterpret(MAX_LINE);
        int length = 0;
        while (length < MAX_LINE && bytes.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
        }
        byte[] copy = new byte[length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, copy, 0, length);
        return new String(copy, StandardCharsets.UTF_8).strip();
    }
}
