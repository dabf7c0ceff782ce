import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

final class StatelessCases {
    static final List<Case> ALL = List.of(
        Case.of("stateless", StatelessCases::stateless),
        Case.of("flat-map", StatelessCases::flatMap),
        Case.of("branches", StatelessCases::branches),
        Case.of("merge", StatelessCases::merge),
        Case.of("explicit-repartition", StatelessCases::explicitRepartition),
        Case.of("topic-by-extractor", StatelessCases::topicByExtractor),
        Case.of("own-time", StatelessCases::ownTime),
        Case.of("named-stateless", StatelessCases::namedStateless));

    private StatelessCases() {}

    static void stateless(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        a.filter((key, value) -> value != null)
            .mapValues(value -> value.toUpperCase())
            .peek((key, value) -> {})
            .filterNot((key, value) -> value.startsWith("T"))
            .map((key, value) -> KeyValue.pair(value, key))
            .to("mapped");
        a.selectKey((key, value) -> value).to("keyed");
        a.mapValues((key, value) -> key + "=" + value).to("with-key");
        a.foreach((key, value) -> {});
    }

    static void flatMap(StreamsBuilder builder) {
        KStream<String, String> a = builder.<String, String>stream("a").filter((key, value) -> value != null);
        a.flatMapValues(value -> List.of(value.split(" "))).to("words");
        a.flatMapValues((key, value) -> List.of(key + ">", value)).to("with-key");
        a.flatMap((key, value) -> List.of(KeyValue.pair(value, key), KeyValue.pair(key, value + "!"))).to("pairs");
    }

    static void branches(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        var branches = a.split()
            .branch((key, value) -> value == null)
            .branch((key, value) -> value.startsWith("a"), Branched.withFunction(each -> each.mapValues(value -> "a:" + value)))
            .defaultBranch();
        a.to("all");
        for (var name : branches.keySet().stream().sorted().toList()) branches.get(name).to("out-" + name);
    }

    static void merge(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.merge(b).to("merged");
        a.mapValues(value -> "a " + value).merge(b.filter((key, value) -> key != null)).merge(a).to("merged-twice");
    }

    static void explicitRepartition(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        a.selectKey((key, value) -> value)
            .repartition(Repartitioned.<String, String>as("by-value").withNumberOfPartitions(1))
            .mapValues(value -> value + "'")
            .to("named");
        a.repartition().to("unnamed");
    }

    static void topicByExtractor(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .to((key, value, context) -> value == null ? "empty" : "letter-" + value.charAt(0) + "-" + context.offset());
    }

    /** The time is a number in the value, and negative for some records, which are skipped. */
    static void ownTime(StreamsBuilder builder) {
        builder
            .stream("numbers", Consumed.with(Serdes.String(), Serdes.String())
                .withTimestampExtractor((record, partitionTime) ->
                    record.value() == null ? partitionTime : Long.parseLong((String) record.value())))
            .to("out");
        builder.<String, String>stream("a").to("a-out");
    }

    static void namedStateless(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a", Consumed.as("source-a"));
        var branches = a
            .filter((key, value) -> value != null, Named.as("present"))
            .mapValues(value -> value + ".", Named.as("dotted"))
            .split(Named.as("kind-"))
            .branch((key, value) -> value.startsWith("a"), Branched.as("a"))
            .branch((key, value) -> value.startsWith("b"), Branched.<String, String>withFunction(each -> each, "b"))
            .defaultBranch(Branched.as("rest"));
        branches.get("kind-a").merge(branches.get("kind-b"), Named.as("together")).to("ab", Produced.as("sink-ab"));
        branches.get("kind-rest").selectKey((key, value) -> value, Named.as("by-value"))
            .peek((key, value) -> {}, Named.as("seen"))
            .to("rest");
    }
}
