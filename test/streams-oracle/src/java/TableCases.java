import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.state.Stores;

final class TableCases {
    static final List<Case> ALL = List.of(
        Case.of("table-source", TableCases::source),
        Case.of("to-table", TableCases::toTable),
        Case.of("table-operators", TableCases::operators),
        Case.of("transform-values", TableCases::transformValues),
        Case.cached("cached-table-operators", TableCases::operators));

    private TableCases() {}

    static void source(StreamsBuilder builder) {
        builder.<String, String>table("t").toStream().to("out");
        builder.<String, String>table("u", Materialized.as("named-table"))
            .toStream((key, value) -> key + "/" + value)
            .to("mapped-out");
    }

    static void toTable(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        a.toTable().toStream().to("plain");
        a.selectKey((key, value) -> value)
            .toTable(Named.as("by-value"), Materialized.as("latest"))
            .filter((key, value) -> value.length() > 4)
            .toStream()
            .to("keyed");
    }

    static void operators(StreamsBuilder builder) {
        KTable<String, String> t = builder.table("t");
        t.filter((key, value) -> value.length() > 3).toStream().to("filtered");
        t.filterNot((key, value) -> value.length() > 3, Materialized.as("short")).toStream().to("short-out");
        t.mapValues(value -> value.substring(0, 1)).toStream().to("letters");
        t.mapValues((key, value) -> key + value, Materialized.as("long"))
            .filter((key, value) -> !value.endsWith("!"), Named.as("calm"))
            .mapValues(value -> value + "'")
            .toStream()
            .to("long-out");
        t.mapValues(value -> value + "?")
            .groupBy((key, value) -> KeyValue.pair(value.substring(0, 1), value))
            .reduce((sum, value) -> value, (sum, value) -> sum.equals(value) ? null : sum)
            .toStream()
            .to("last-by-letter");
    }

    static void transformValues(StreamsBuilder builder) {
        builder.addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("seen"), Serdes.String(), Serdes.Long()));
        KTable<String, String> t = builder.table("t");
        t.transformValues(NumberedValues::new, "seen").toStream().to("numbered");
        t.transformValues(MarkedValues::new, Materialized.as("marked")).toStream().to("marked-out");
    }
}
