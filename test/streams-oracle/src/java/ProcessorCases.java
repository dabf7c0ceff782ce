import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.state.Stores;

final class ProcessorCases {
    static final List<Case> ALL = List.of(
        Case.of("punctuate-stream-time", builder -> punctuated(builder, PunctuationType.STREAM_TIME)),
        Case.of("punctuate-wall-clock", builder -> punctuated(builder, PunctuationType.WALL_CLOCK_TIME)),
        Case.of("process-values", ProcessorCases::processValues),
        Case.of("headers", ProcessorCases::headers));

    private ProcessorCases() {}

    static void punctuated(StreamsBuilder builder, PunctuationType type) {
        builder.addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("sums"), Serdes.String(), Serdes.String()));
        builder.<String, String>stream("a")
            .process(() -> new SummedUp(type, "sums"), Named.as("summed-up"), "sums")
            .to("out");
    }

    static void processValues(StreamsBuilder builder) {
        builder.addStateStore(Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore("last"), Serdes.String(), Serdes.String()).withLoggingDisabled());
        builder.<String, String>stream("a")
            .processValues(() -> new WithLast("last"), "last")
            .groupByKey()
            .count(Materialized.as("counts"))
            .toStream()
            .to("out", Produced.with(Serdes.String(), Serdes.Long()));
    }

    static void headers(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .process(WithOrigin::new)
            .selectKey((key, value) -> value)
            .repartition()
            .to("repartitioned");
        builder.<String, String>table("t")
            .toStream()
            .mapValues(value -> value + "'")
            .to("from-table");
    }
}
