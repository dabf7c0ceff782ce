import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TableJoined;

final class TableJoinCases {
    static final List<Case> ALL = List.of(
        Case.of("stream-table-join", TableJoinCases::streamTable),
        Case.of("stream-table-left-join", TableJoinCases::streamTableLeft),
        Case.of("table-join", TableJoinCases::inner),
        Case.of("table-left-join", TableJoinCases::left),
        Case.of("table-outer-join", TableJoinCases::outer),
        Case.of("table-join-chain", TableJoinCases::chain),
        Case.of("foreign-key-join", TableJoinCases::foreignKey),
        Case.of("foreign-key-left-join", TableJoinCases::foreignKeyLeft),
        Case.of("global-table-join", TableJoinCases::global),
        Case.of("counts-joined-with-table", TableJoinCases::countsWithTable),
        Case.cached("cached-table-outer-join", TableJoinCases::outer));

    private TableJoinCases() {}

    static void streamTable(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        builder.<String, String>stream("a").join(t, (key, x, y) -> key + ":" + x + "+" + y).to("out");
    }

    static void streamTableLeft(StreamsBuilder builder) {
        KTable<String, String> t = builder.<String, String>table("t").filter((key, value) -> value.length() > 3);
        builder.<String, String>stream("a")
            .selectKey((key, value) -> value)
            .leftJoin(t, (x, y) -> x + "+" + y, Joined.as("with-t"))
            .to("out");
    }

    static void inner(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> u = builder.table("u");
        t.join(u, (x, y) -> x + "+" + y).toStream().to("out");
    }

    static void left(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> u = builder.<String, String>table("u").mapValues(value -> value + "'");
        t.leftJoin(u, (x, y) -> x + "+" + y, Named.as("t-with-u")).toStream().to("out");
    }

    static void outer(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> u = builder.<String, String>table("u").filter((key, value) -> !value.endsWith("!"));
        t.outerJoin(u, (x, y) -> x + "+" + y, Materialized.as("both")).toStream().to("out");
    }

    static void chain(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> u = builder.table("u");
        KTable<String, String> both = t.join(u, (x, y) -> x + "+" + y);
        both.leftJoin(t.mapValues(value -> value.substring(0, 1)), (x, y) -> x + "/" + y)
            .outerJoin(u, (x, y) -> x + "|" + y)
            .filter((key, value) -> value.length() > 8)
            .toStream()
            .to("out");
    }

    static String letter(String value) {
        return value == null || value.length() > 8 ? null : value.substring(0, 1);
    }

    static void foreignKey(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> f = builder.table("f");
        t.join(f, TableJoinCases::letter, (x, y) -> x + "+" + y).toStream().to("out");
    }

    static void foreignKeyLeft(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        KTable<String, String> f = builder.table("f");
        t.leftJoin(f, TableJoinCases::letter, (x, y) -> x + "+" + y, TableJoined.as("fk"), Materialized.as("joined"))
            .toStream()
            .to("out");
    }

    static void global(StreamsBuilder builder) {
        GlobalKTable<String, String> g = builder.globalTable("g", Materialized.as("lookup"));
        KStream<String, String> a = builder.stream("a");
        a.join(g, (key, value) -> letter(value), (x, y) -> x + "+" + y).to("inner");
        a.leftJoin(g, (key, value) -> letter(value), (key, x, y) -> key + ":" + x + "+" + y).to("left");
    }

    static void countsWithTable(StreamsBuilder builder) {
        KTable<String, Long> counts = builder.<String, String>stream("a")
            .groupBy((key, value) -> value)
            .count(Materialized.as("counts"));
        KTable<String, String> t = builder.table("t");
        counts.outerJoin(t, (count, value) -> (count == null ? "none" : count + "") + "+" + value)
            .toStream()
            .to("out", Produced.with(Serdes.String(), Serdes.String()));
    }
}
