import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.NamedInternal;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;

/** One call of a program. Its fields are those of `src/random/program.ts`. */
record Call(JsonNode data, Results results, StreamsBuilder builder) {
    String op() {
        return text("op");
    }

    int id() {
        return data.get("id").asInt();
    }

    String text(String field) {
        return data.has(field) ? data.get(field).asText() : null;
    }

    List<String> texts(String field) {
        var texts = new ArrayList<String>();
        for (var each : data.get(field)) texts.add(each.asText());
        return texts;
    }

    Duration duration(String field) {
        return Duration.ofMillis(data.get(field).asLong());
    }

    <R> R operand(int number) {
        return results.get(data.get("on").get(number).asInt());
    }

    KStream<String, String> stream() {
        return operand(0);
    }

    KTable<String, String> table() {
        return operand(0);
    }

    KTable<Windowed<String>, String> windows() {
        return operand(0);
    }

    boolean isNamed() {
        return data.get("isNamed").asBoolean();
    }

    String name() {
        return "n" + id();
    }

    String storeName() {
        return "store-" + id();
    }

    /** Overloads without a name pass what this gives without one. */
    Named named() {
        return isNamed() ? Named.as(name()) : NamedInternal.empty();
    }

    Consumed<String, String> consumed() {
        var consumed = Consumed.with(Serdes.String(), Serdes.String());
        return isNamed() ? consumed.withName(name()) : consumed;
    }

    Grouped<String, String> grouped() {
        var grouped = Grouped.with(Serdes.String(), Serdes.String());
        return isNamed() ? grouped.withName(name()) : grouped;
    }

    /** Null if the call leaves it to the library whether there is a store. */
    String store() {
        return text("store");
    }

    Materialized<String, String, KeyValueStore<Bytes, byte[]>> rows() {
        return this.<String, KeyValueStore<Bytes, byte[]>>materialized().withValueSerde(Serdes.String());
    }

    <V, S extends StateStore> Materialized<String, V, S> materialized() {
        boolean isNamed = store() != null && !store().equals("anonymous");
        Materialized<String, V, S> materialized =
            isNamed ? Materialized.as(storeName()) : Materialized.with(Serdes.String(), null);
        materialized.withKeySerde(Serdes.String());
        if ("uncached".equals(store())) materialized.withCachingDisabled();
        if ("unlogged".equals(store())) materialized.withLoggingDisabled();
        return materialized;
    }
}
