package org.usedecentral.node;

import io.helidon.config.Config;
import org.usedecentral.spi.DecentralException;
import org.usedecentral.spi.inference.InferenceBackend;
import org.usedecentral.spi.inference.InferenceBackendProvider;

/** Providers of backends, each broken in one way. Public, for ServiceLoader makes them. */
public final class BrokenProviders {
    private BrokenProviders() {}

    /** Never gets as far as making a plugin. */
    public abstract static class Broken implements InferenceBackendProvider {
        @Override
        public String configKey() {
            return "broken";
        }

        @Override
        public InferenceBackend create(Config config, String name) {
            throw new AssertionError("nobody may get this far");
        }
    }

    /** Its constructor throws. */
    public static final class ThrowsInConstructor extends Broken {
        public ThrowsInConstructor() {
            throw new IllegalStateException("no licence");
        }
    }

    /** Its class cannot be initialised. */
    public static final class ThrowsInInitializer extends Broken {
        static final Object NEVER = fail();

        private static Object fail() {
            throw new IllegalStateException("no native library");
        }
    }

    /** Has no constructor that ServiceLoader could call. */
    public static final class NeedsAnArgument extends Broken {
        public NeedsAnArgument(String argument) {
            throw new AssertionError("never called with " + argument);
        }
    }

    /** Is no provider. */
    public static final class NoProvider {}

    /** Has no type. */
    public static final class ThrowsForItsType extends Broken {
        @Override
        public String configKey() {
            throw new UnsupportedOperationException("no type");
        }
    }

    /** Is built for contracts of the future. */
    public static final class OfTheFuture extends Broken {
        @Override
        public String configKey() {
            return "future";
        }

        @Override
        public int apiVersion() {
            return 99;
        }
    }

    /** Has the type of {@link Noted.Backends}. */
    public static final class AlsoNoted extends Broken {
        @Override
        public String configKey() {
            return "noted";
        }
    }

    /** Refuses its configuration properly. */
    public static final class Refuses extends Broken {
        @Override
        public InferenceBackend create(Config config, String name) {
            throw DecentralException.invalid("size", "size must be 1 … 9");
        }
    }

    /** Misses a class only when it makes a plugin, as with half a jar. */
    public static final class MissesAClass extends Broken {
        @Override
        public InferenceBackend create(Config config, String name) {
            throw new NoClassDefFoundError("org/example/Engine");
        }
    }
}
