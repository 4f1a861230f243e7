package org.usedecentral.launcher;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * SIGTERM and SIGINT, each time they come. A JVM's own handling hears of the first one alone, and what is asked twice here is asked louder. The JDK's class
 * for it ({@code sun.misc.Signal}, module jdk.unsupported) cannot be named in code that is compiled without warnings, so it is looked up.
 */
final class Signals {
    private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

    private Signals() {}

    /** Tells {@code listener} each signal's number, on a thread of its own; false where the JDK has no such class, and its shutdown hooks have to do. */
    static boolean listen(IntConsumer listener) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> signal = lookup.findClass("sun.misc.Signal");
            Class<?> handler = lookup.findClass("sun.misc.SignalHandler");
            MethodHandle named = lookup.findConstructor(signal, MethodType.methodType(void.class, String.class));
            MethodHandle handle = lookup.findStatic(signal, "handle", MethodType.methodType(handler, signal, handler));
            MethodHandle number = lookup.findVirtual(signal, "getNumber", MethodType.methodType(int.class));
            MethodHandle accept = lookup.findVirtual(
                            IntConsumer.class, "accept", MethodType.methodType(void.class, int.class))
                    .bindTo(listener);
            Object proxy =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.filterArguments(accept, 0, number));
            for (String name : NUMBERS.keySet()) {
                handle.invoke(named.invoke(name), proxy);
            }
            return true;
        } catch (Throwable e) {
            if (e instanceof VirtualMachineError broken) {
                throw broken;
            }
            // Another JVM, or one started with -Xrs, where signals are not for Java.
            System.getLogger(Signals.class.getName())
                    .log(System.Logger.Level.DEBUG, "signals are left to the JVM: {0}", e.toString());
            return false;
        }
    }
}
