import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;

/** The topologies of ../topologies.ts. */
final class Topologies {
    private static final Serde<String> TEXT = Serdes.String();

    private Topologies() {}

    static Topology build(String name, String output) {
        var builder = new StreamsBuilder();
        switch (name) {
            case "word-count" -> wordCount(builder, output);
            case "tumbling-count" -> tumblingCount(builder, output);
            case "stream-join" -> streamJoin(builder, output);
            case "restore" -> restore(builder);
            default -> throw new IllegalArgumentException("there is no topology " + name);
        }
        return builder.build();
    }

    private static KStream<String, String> stream(StreamsBuilder builder, String topic) {
        return builder.stream(topic, Consumed.with(TEXT, TEXT));
    }

    private static void wordCount(StreamsBuilder builder, String output) {
        stream(builder, "lines")
            .flatMapValues(line -> Arrays.asList(line.toLowerCase().split("\\W+")))
            .groupBy((key, word) -> word, Grouped.with(TEXT, TEXT))
            .count(Materialized.as("counts"))
            .toStream()
            .to(output, Produced.with(TEXT, Serdes.Long()));
    }

    private static void tumblingCount(StreamsBuilder builder, String output) {
        var size = ofMinutes(1);
        stream(builder, "events")
            .groupByKey(Grouped.with(TEXT, TEXT))
            .windowedBy(TimeWindows.ofSizeAndGrace(size, ofSeconds(10)))
            .count(Materialized.as("per-minute"))
            .toStream()
            .to(output, Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, size.toMillis()), Serdes.Long()));
    }

    private static void streamJoin(StreamsBuilder builder, String output) {
        stream(builder, "left")
            .join(
                stream(builder, "right"),
                (left, right) -> left + right,
                JoinWindows.ofTimeDifferenceAndGrace(ofMillis(500), ofSeconds(10)),
                StreamJoined.with(TEXT, TEXT, TEXT).withStoreName("pairs"))
            .to(output, Produced.with(TEXT, TEXT));
    }

    private static void restore(StreamsBuilder builder) {
        stream(builder, "changes")
            .groupByKey(Grouped.with(TEXT, TEXT))
            .reduce((before, value) -> value, Materialized.as("state"));
    }
}
