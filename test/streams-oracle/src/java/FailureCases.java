import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.state.Stores;

/** Nodes, callbacks and serdes that throw for some values. */
final class FailureCases {
    static final List<Case> ALL = List.of(
        Case.of("failing-nodes", FailureCases::nodes).skippingFailed(),
        Case.cached("cached-failing-nodes", FailureCases::nodes).skippingFailed(),
        Case.of("failing-serdes", FailureCases::serdes).skippingFailed(),
        Case.of("failing-callbacks", FailureCases::callbacks).skippingFailed());

    private FailureCases() {}

    static String noBees(String value) {
        if (value != null && value.contains("bee")) throw new IllegalStateException("it stings");
        return value;
    }

    static void nodes(StreamsBuilder builder) {
        KStream<String, String> seen = builder.<String, String>stream("a").peek((key, value) -> {});
        seen.mapValues(value -> value + "1").to("before");
        seen.mapValues(FailureCases::noBees).to("between");
        seen.groupByKey()
            .reduce(
                (sum, value) -> AggregationCases.tail(sum + ("c".equals(value) ? noBees("bee") : value)),
                Materialized.as("sums"))
            .toStream()
            .mapValues(FailureCases::noBees)
            .to("after");
    }

    static void serdes(StreamsBuilder builder) {
        Serde<String> stinging = Serdes.serdeFrom(new StringSerializer() {
            @Override
            public byte[] serialize(String topic, String value) {
                return super.serialize(topic, noBees(value));
            }
        }, new StringDeserializer());
        KStream<String, String> seen = builder.<String, String>stream("a").mapValues(value -> value);
        seen.to("before");
        seen.to("between", Produced.with(Serdes.String(), stinging));
        seen.to("after");
    }

    static void callbacks(StreamsBuilder builder) {
        builder.addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("sums"), Serdes.String(), Serdes.String()));
        builder.<String, String>stream("a")
            .process(() -> new SummedUp(PunctuationType.STREAM_TIME, "sums", FailureCases::noBees), "sums")
            .to("out");
    }
}
