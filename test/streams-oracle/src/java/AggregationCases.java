import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;

final class AggregationCases {
    static final List<Case> ALL = List.of(
        Case.of("word-count", AggregationCases::wordCount),
        Case.of("count-by-key", AggregationCases::countByKey),
        Case.of("reduce", AggregationCases::reduce),
        Case.of("aggregate", AggregationCases::aggregate),
        Case.of("table-count", AggregationCases::tableCount),
        Case.of("table-reduce", AggregationCases::tableReduce),
        Case.of("table-aggregate", AggregationCases::tableAggregate),
        Case.of("cogroup", AggregationCases::cogroup),
        Case.of("long-keys", AggregationCases::longKeys),
        Case.cached("cached-word-count", AggregationCases::wordCount),
        Case.cached("cached-table-aggregate", AggregationCases::tableAggregate));

    private AggregationCases() {}

    /** The last characters, so that what is concatenated does not grow without end. */
    static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 12));
    }

    static void wordCount(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .filter((key, value) -> value != null)
            .flatMapValues(value -> List.of(value.split(" ")))
            .groupBy((key, word) -> word)
            .count()
            .toStream()
            .to("counts", Produced.with(Serdes.String(), Serdes.Long()));
    }

    /** Two aggregations of one re-keyed stream have a repartition topic each. */
    static void countByKey(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        a.groupByKey().count(Materialized.as("counts"))
            .toStream().to("counts-out", Produced.valueSerde(Serdes.Long()));
        KStream<String, String> byValue = a.selectKey((key, value) -> value);
        byValue.groupByKey().count().toStream().mapValues(count -> "n" + count).to("values-out");
        byValue.groupByKey(Grouped.as("named-group")).count(Named.as("named-count"))
            .toStream(Named.as("named-stream")).mapValues(count -> "m" + count).to("named-out");
    }

    /** A value that ends in an exclamation mark deletes. */
    static void reduce(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .groupByKey()
            .reduce((sum, value) -> value.endsWith("!") ? null : tail(sum + value))
            .toStream()
            .to("out");
    }

    static void aggregate(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .groupBy((key, value) -> value == null ? null : value.substring(0, 1), Grouped.as("by-letter"))
            .aggregate(
                () -> "",
                (key, value, sum) -> value.endsWith("!") ? null : tail((sum == null ? "" : sum) + key + value),
                Named.as("letters"), Materialized.as("letter-store"))
            .toStream()
            .to("out");
    }

    static void tableCount(StreamsBuilder builder) {
        builder.<String, String>table("t")
            .groupBy((key, value) -> KeyValue.pair(value, key))
            .count()
            .toStream()
            .to("out", Produced.with(Serdes.String(), Serdes.Long()));
    }

    static void tableReduce(StreamsBuilder builder) {
        builder.<String, String>table("t", Materialized.as("table"))
            .groupBy((key, value) -> KeyValue.pair(value.substring(0, 1), key + value))
            .reduce((sum, value) -> tail(sum + "+" + value), (sum, value) -> tail(sum + "-" + value))
            .toStream()
            .to("out");
    }

    static void tableAggregate(StreamsBuilder builder) {
        KTable<String, String> sums = builder.<String, String>table("t")
            .filter((key, value) -> !value.endsWith("!"))
            .groupBy((key, value) -> KeyValue.pair(value.substring(0, 1), value), Grouped.as("letters"))
            .aggregate(
                () -> "",
                (key, value, sum) -> tail(sum + "+" + value),
                (key, value, sum) -> sum.length() > 9 ? null : tail(sum + "-" + value),
                Materialized.as("sums"));
        sums.toStream().to("out");
        sums.mapValues(value -> value.length() + "").toStream().to("lengths");
    }

    static void cogroup(StreamsBuilder builder) {
        KGroupedStream<String, String> a = builder.<String, String>stream("a").groupByKey();
        KGroupedStream<String, String> b = builder.<String, String>stream("b")
            .groupBy((key, value) -> value == null ? null : value.substring(0, 1));
        a.<String>cogroup((key, value, sum) -> tail(sum + "a" + value))
            .cogroup(b, (key, value, sum) -> tail(sum + "b" + value))
            .aggregate(() -> "")
            .toStream()
            .to("out");
    }

    static void longKeys(StreamsBuilder builder) {
        builder.stream("a", Consumed.with(Serdes.String(), Serdes.String()))
            .filter((key, value) -> value != null)
            .map((key, value) -> KeyValue.pair((long) value.length() - 4, value))
            .groupByKey(Grouped.with(Serdes.Long(), Serdes.String()))
            .count(Materialized.with(Serdes.Long(), Serdes.Long()))
            .toStream()
            .mapValues(Long::intValue)
            .to("out", Produced.with(Serdes.Long(), Serdes.Integer()));
    }
}
