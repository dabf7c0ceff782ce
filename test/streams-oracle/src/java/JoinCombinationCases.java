import static java.time.Duration.ofSeconds;

import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.StreamJoined;

/** Joins of what was joined, and joins that share a stream, a table or a cache. */
final class JoinCombinationCases {
    static final List<Case> ALL = List.of(
        Case.cached("cached-foreign-key-join", TableJoinCases::foreignKey),
        Case.cached("cached-foreign-key-left-join", TableJoinCases::foreignKeyLeft),
        Case.cached("cached-table-join-chain", TableJoinCases::chain),
        Case.cached("cached-stream-table-join", TableJoinCases::streamTable),
        Case.of("joins-share-repartition", JoinCombinationCases::sharedRepartition),
        Case.of("stream-outer-join-only-older", JoinCombinationCases::onlyOlder),
        Case.of("stream-outer-join-same-time", JoinCombinationCases::sameTime),
        Case.of("streams-and-table-join-chain", JoinCombinationCases::streamsAndTable),
        Case.of("foreign-key-join-chain", JoinCombinationCases::foreignKeyChain),
        Case.of("foreign-key-self-join", JoinCombinationCases::foreignKeySelf),
        Case.of("joined-sums-regrouped", JoinCombinationCases::sumsRegrouped));

    private JoinCombinationCases() {}

    static void sharedRepartition(StreamsBuilder builder) {
        KStream<String, String> a = builder.<String, String>stream("a").selectKey((key, value) -> value);
        KStream<String, String> b = builder.stream("b");
        KTable<String, String> t = builder.table("t");
        a.join(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(5))).to("one");
        a.leftJoin(t, (x, y) -> x + "+" + y).to("two");
        a.join(t, (x, y) -> x + "+" + y, Joined.as("named")).to("three");
        a.outerJoin(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(3))).to("four");
    }

    static void onlyOlder(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.outerJoin(
                b,
                (x, y) -> x + "+" + y,
                JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(8), ofSeconds(1)).after(ofSeconds(-3)))
            .to("out");
    }

    static void sameTime(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.outerJoin(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(0))).to("out");
    }

    static void streamsAndTable(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        KTable<String, String> t = builder.table("t");
        a.leftJoin(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(2), ofSeconds(1)))
            .outerJoin(
                a,
                (x, y) -> x + "+" + y,
                JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(4), ofSeconds(1)),
                StreamJoined.with(Serdes.String(), Serdes.String(), Serdes.String()).withName("second"))
            .leftJoin(t, (x, y) -> x + "+" + y)
            .to("out");
    }

    static void foreignKeyChain(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> f = builder.table("f");
        t.leftJoin(
                f,
                TableJoinCases::letter,
                (x, y) -> x + "+" + y,
                Materialized.with(Serdes.String(), Serdes.String()))
            .outerJoin(t, (x, y) -> x + "+" + y)
            .toStream()
            .to("out");
    }

    static void foreignKeySelf(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        t.join(t, value -> value, (x, y) -> x + "+" + y).toStream().to("out");
    }

    static void sumsRegrouped(StreamsBuilder builder) {
        KTable<String, String> sums = builder.<String, String>stream("a")
            .groupByKey()
            .reduce((sum, value) -> AggregationCases.tail(sum + value));
        KTable<String, String> t = builder.<String, String>table("t").mapValues(value -> value + "!");
        sums.join(t, (x, y) -> x + "+" + y)
            .groupBy((key, value) -> KeyValue.pair(value.substring(0, 1), value))
            .reduce((sum, value) -> AggregationCases.tail(sum + value),
                (sum, value) -> AggregationCases.tail(sum + "-" + value))
            .toStream()
            .to("out");
    }
}
