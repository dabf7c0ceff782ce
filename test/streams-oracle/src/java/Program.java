import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KTable;

/** Makes the calls of a program, as `src/random/build-program.ts` does. */
final class Program implements Consumer<StreamsBuilder> {
    private final JsonNode calls;

    Program(JsonNode calls) {
        this.calls = calls;
    }

    @Override
    public void accept(StreamsBuilder builder) {
        var results = new Results();
        for (var data : calls) {
            var call = new Call(data, results, builder);
            Object result = switch (call.op()) {
                case "stream", "table", "globalTable" -> source(call);
                case "aggregate", "cogroup", "aggregateRows" -> ProgramAggregations.perform(call);
                case "joinStreams", "joinTable", "joinGlobalTable", "joinTables", "joinForeign" ->
                    ProgramJoins.perform(call);
                case "filterRows", "filterNotRows", "mapRows", "transformRows", "suppressRows", "groupRows",
                    "rowsToStream", "filterWindows", "windowsToStream" -> ProgramTables.perform(call);
                default -> ProgramStreams.perform(call);
            };
            if (result != null) results.put(call.id(), result);
        }
    }

    private static Object source(Call call) {
        if (call.op().equals("stream")) {
            List<String> topics = call.texts("topics");
            return call.builder().stream(topics, call.consumed());
        }
        String topic = call.text("topic");
        if (call.op().equals("table")) {
            KTable<String, String> table = call.store() == null
                ? call.builder().table(topic, call.consumed())
                : call.builder().table(topic, call.consumed(), call.rows());
            return table;
        }
        return call.store() == null
            ? call.builder().globalTable(topic)
            : call.builder().globalTable(topic, call.rows());
    }
}
