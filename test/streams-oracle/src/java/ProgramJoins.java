import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TableJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;

final class ProgramJoins {
    private static final ValueJoiner<String, String, String> JOINER = ProgramFunctions::joined;

    private ProgramJoins() {}

    static Object perform(Call call) {
        return switch (call.op()) {
            case "joinStreams" -> streams(call, call.operand(1));
            case "joinTable" -> streamWithTable(call, call.operand(1));
            case "joinGlobalTable" -> streamWithGlobalTable(call, call.operand(1));
            case "joinTables" -> tables(call, call.operand(1));
            case "joinForeign" -> byForeignKey(call, call.operand(1));
            default -> throw new IllegalArgumentException("there is no call " + call.op());
        };
    }

    private static KStream<String, String> streams(Call call, KStream<String, String> other) {
        var spans = call.data().get("spans");
        var windows = JoinWindows
            .ofTimeDifferenceAndGrace(Duration.ofDays(1), Duration.ofMillis(spans.get("graceMs").asLong()))
            .before(Duration.ofMillis(spans.get("beforeMs").asLong()))
            .after(Duration.ofMillis(spans.get("afterMs").asLong()));
        var joined = StreamJoined.with(Serdes.String(), Serdes.String(), Serdes.String());
        if (call.isNamed()) joined = joined.withName(call.name());
        if (call.data().get("storeIsNamed").asBoolean()) joined = joined.withStoreName(call.storeName());
        return switch (call.text("how")) {
            case "inner" -> call.stream().join(other, JOINER, windows, joined);
            case "left" -> call.stream().leftJoin(other, JOINER, windows, joined);
            default -> call.stream().outerJoin(other, JOINER, windows, joined);
        };
    }

    private static KStream<String, String> streamWithTable(Call call, KTable<String, String> table) {
        Joined<String, String, String> joined = Joined.with(Serdes.String(), Serdes.String(), Serdes.String());
        if (call.isNamed()) joined = joined.withName(call.name());
        return call.text("how").equals("inner")
            ? call.stream().join(table, JOINER, joined)
            : call.stream().leftJoin(table, JOINER, joined);
    }

    private static KStream<String, String> streamWithGlobalTable(Call call, GlobalKTable<String, String> table) {
        KeyValueMapper<String, String, String> keyOf = (key, value) -> ProgramFunctions.foreignKey(value);
        return call.text("how").equals("inner")
            ? call.stream().join(table, keyOf, JOINER, call.named())
            : call.stream().leftJoin(table, keyOf, JOINER, call.named());
    }

    private static KTable<String, String> tables(Call call, KTable<String, String> other) {
        boolean isStored = call.store() != null;
        var named = call.named();
        return switch (call.text("how")) {
            case "inner" -> isStored
                ? call.table().join(other, JOINER, named, call.rows())
                : call.table().join(other, JOINER, named);
            case "left" -> isStored
                ? call.table().leftJoin(other, JOINER, named, call.rows())
                : call.table().leftJoin(other, JOINER, named);
            default -> isStored
                ? call.table().outerJoin(other, JOINER, named, call.rows())
                : call.table().outerJoin(other, JOINER, named);
        };
    }

    private static KTable<String, String> byForeignKey(Call call, KTable<String, String> other) {
        java.util.function.Function<String, String> keyOf = ProgramFunctions::foreignKey;
        TableJoined<String, String> joined = call.isNamed() ? TableJoined.as(call.name()) : TableJoined.with(null, null);
        boolean isStored = call.store() != null;
        if (call.text("how").equals("inner"))
            return isStored
                ? call.table().join(other, keyOf, JOINER, joined, call.rows())
                : call.table().join(other, keyOf, JOINER, joined);
        return isStored
            ? call.table().leftJoin(other, keyOf, JOINER, joined, call.rows())
            : call.table().leftJoin(other, keyOf, JOINER, joined);
    }
}
