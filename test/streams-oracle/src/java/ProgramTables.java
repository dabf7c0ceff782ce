import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.maxRecords;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.unbounded;

import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Predicate;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.ValueMapper;

final class ProgramTables {
    private ProgramTables() {}

    static Object perform(Call call) {
        var named = call.named();
        return switch (call.op()) {
            case "filterRows" -> filtered(call, call.table());
            case "filterNotRows" -> filteredOut(call, call.table());
            case "mapRows" -> mapped(call, call.table());
            case "transformRows" -> call.store() == null
                ? call.table().transformValues(MarkedValues::new, named)
                : call.table().transformValues(MarkedValues::new, call.rows(), named);
            case "suppressRows" -> call.table().suppress(suppressed(call));
            case "groupRows" -> call.table().groupBy(ProgramFunctions::rowByLetter, call.grouped());
            case "rowsToStream" -> call.table().toStream(named);
            case "filterWindows" -> call.windows().filter((key, value) -> ProgramFunctions.isEven(value), named);
            case "windowsToStream" -> call.windows().toStream(named).map((key, value) -> KeyValue.pair(
                key.key() + "@" + key.window().start() + "-" + key.window().end(), value));
            default -> throw new IllegalArgumentException("there is no call " + call.op());
        };
    }

    private static final Predicate<String, String> EVEN = (key, value) -> ProgramFunctions.isEven(value);

    private static KTable<String, String> filtered(Call call, KTable<String, String> table) {
        return call.store() == null
            ? table.filter(EVEN, call.named())
            : table.filter(EVEN, call.named(), call.rows());
    }

    private static KTable<String, String> filteredOut(Call call, KTable<String, String> table) {
        return call.store() == null
            ? table.filterNot(EVEN, call.named())
            : table.filterNot(EVEN, call.named(), call.rows());
    }

    private static KTable<String, String> mapped(Call call, KTable<String, String> table) {
        ValueMapper<String, String> mapper = ProgramFunctions::changedRow;
        return call.store() == null
            ? table.mapValues(mapper, call.named())
            : table.mapValues(mapper, call.named(), call.rows());
    }

    private static Suppressed<String> suppressed(Call call) {
        int recordsMax = call.data().get("recordsMax").asInt();
        Suppressed<String> suppressed = Suppressed.untilTimeLimit(
            call.duration("waitMs"),
            recordsMax == 0 ? unbounded() : maxRecords(recordsMax));
        return call.isNamed() ? suppressed.withName(call.name() + "-suppress") : suppressed;
    }
}
