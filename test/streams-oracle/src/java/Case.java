import java.util.function.Consumer;
import org.apache.kafka.streams.StreamsBuilder;

/**
 * A topology by name. A cache of 0 bytes lets every update through. With skipsFailed, a node that throws skips its
 * record, and the application goes on.
 */
record Case(String name, long cacheBytesMax, boolean skipsFailed, Consumer<StreamsBuilder> build) {
    static Case of(String name, Consumer<StreamsBuilder> build) {
        return new Case(name, 0, false, build);
    }

    static Case cached(String name, Consumer<StreamsBuilder> build) {
        return new Case(name, 10L * 1024 * 1024, false, build);
    }

    Case skippingFailed() {
        return new Case(name, cacheBytesMax, true, build);
    }
}
