import java.util.function.Consumer;
import org.apache.kafka.streams.StreamsBuilder;

/** A topology by name. A cache of 0 bytes lets every update through. */
record Case(String name, long cacheBytesMax, Consumer<StreamsBuilder> build) {
    static Case of(String name, Consumer<StreamsBuilder> build) {
        return new Case(name, 0, build);
    }

    static Case cached(String name, Consumer<StreamsBuilder> build) {
        return new Case(name, 10L * 1024 * 1024, build);
    }
}
