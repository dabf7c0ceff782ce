import static java.time.Duration.ofSeconds;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.unbounded;
import static org.apache.kafka.streams.kstream.Suppressed.untilWindowCloses;

import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.KeyValueStore;

/** The topology of ../exchange-topology.ts, with a store of each kind. */
final class ExchangeTopology {
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<Long> LONG = Serdes.Long();

    private ExchangeTopology() {}

    static Topology of(String application) {
        var builder = new StreamsBuilder();
        counts(builder, application);
        words(builder, application);
        pairs(builder, application);
        tables(builder, application);
        times(builder, application);
        return builder.build();
    }

    private static void counts(StreamsBuilder builder, String application) {
        KGroupedStream<String, String> events = stream(builder, "events").groupByKey(Grouped.with(TEXT, TEXT));
        events.count(Materialized.as("counts"))
            .toStream()
            .to(application + "-out-counts", Produced.with(TEXT, LONG));
        var windows = events.windowedBy(TimeWindows.ofSizeAndGrace(ofSeconds(10), ofSeconds(3)))
            .count(Materialized.as("windows"));
        windows.toStream().to(application + "-out-windows", Produced.with(windowed(), LONG));
        windows.suppress(untilWindowCloses(unbounded()).withName("closed"))
            .toStream()
            .to(application + "-out-closed", Produced.with(windowed(), LONG));
        events.windowedBy(SessionWindows.ofInactivityGapAndGrace(ofSeconds(4), ofSeconds(3)))
            .count(Materialized.as("sessions"))
            .toStream()
            .to(
                application + "-out-sessions",
                Produced.with(WindowedSerdes.sessionWindowedSerdeFrom(String.class), LONG));
    }

    private static void words(StreamsBuilder builder, String application) {
        stream(builder, "lines")
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.with("by-word", TEXT, TEXT))
            .count(Materialized.as("words"))
            .toStream()
            .to(application + "-out-words", Produced.with(TEXT, LONG));
    }

    private static void pairs(StreamsBuilder builder, String application) {
        stream(builder, "left")
            .leftJoin(
                stream(builder, "right"),
                (left, right) -> left + "+" + right,
                JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(3), ofSeconds(2)),
                StreamJoined.with(TEXT, TEXT, TEXT).withName("pairs").withStoreName("pairs"))
            .to(application + "-out-pairs", Produced.with(TEXT, TEXT));
    }

    private static void tables(StreamsBuilder builder, String application) {
        KTable<String, String> one = builder.table("one", Consumed.with(TEXT, TEXT), Materialized.as("one-table"));
        KTable<String, String> other =
            builder.table("other", Consumed.with(TEXT, TEXT), Materialized.as("other-table"));
        one.leftJoin(
                other,
                (left, right) -> left + "+" + right,
                Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("both")
                    .withKeySerde(TEXT)
                    .withValueSerde(TEXT))
            .toStream()
            .to(application + "-out-both", Produced.with(TEXT, TEXT));
    }

    /** A value with a question mark has the time of the partition, which survives in the commit's metadata. */
    private static void times(StreamsBuilder builder, String application) {
        TimestampExtractor extractor = (record, partitionTime) ->
            ((String) record.value()).startsWith("?") ? partitionTime : record.timestamp();
        builder.stream("times", Consumed.with(TEXT, TEXT).withTimestampExtractor(extractor))
            .to(application + "-out-times", Produced.with(TEXT, TEXT));
    }

    private static KStream<String, String> stream(StreamsBuilder builder, String topic) {
        return builder.stream(topic, Consumed.with(TEXT, TEXT));
    }

    private static Serde<Windowed<String>> windowed() {
        return WindowedSerdes.timeWindowedSerdeFrom(String.class, ofSeconds(10).toMillis());
    }
}
