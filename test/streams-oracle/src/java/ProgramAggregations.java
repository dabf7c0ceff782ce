import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.maxRecords;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.unbounded;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.CogroupedKStream;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KGroupedTable;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.WindowStore;

final class ProgramAggregations {
    private ProgramAggregations() {}

    static Object perform(Call call) {
        var windows = call.data().get("windows");
        if (call.op().equals("aggregateRows")) return rows(call, call.operand(0));
        if (call.op().equals("cogroup")) return windows == null ? cogrouped(call) : cogrouped(call, windows);
        KGroupedStream<String, String> groups = call.operand(0);
        if (windows == null) return aggregated(call, groups);
        return windows.get("kind").asText().equals("session")
            ? sessions(call, groups, windows)
            : fixedWindows(call, groups, windows);
    }

    private static <S extends StateStore> Materialized<String, String, S> texts(Call call) {
        return call.<String, S>materialized().withValueSerde(Serdes.String());
    }

    private static <S extends StateStore> Materialized<String, Long, S> counts(Call call) {
        return call.<Long, S>materialized().withValueSerde(Serdes.Long());
    }

    private static Object rows(Call call, KGroupedTable<String, String> groups) {
        var named = call.named();
        return switch (call.text("aggregation")) {
            case "count" -> groups
                .count(named, ProgramAggregations.<KeyValueStore<Bytes, byte[]>>counts(call))
                .mapValues(count -> count + "");
            case "reduce" -> groups.reduce(
                ProgramFunctions::addedRow, ProgramFunctions::subtractedRow, named, call.rows());
            default -> groups.aggregate(
                () -> "",
                (key, value, sum) -> ProgramFunctions.addedRow(sum, value),
                (key, value, sum) -> ProgramFunctions.subtractedRow(sum, value),
                named,
                call.rows());
        };
    }

    private static Object aggregated(Call call, KGroupedStream<String, String> groups) {
        var named = call.named();
        return switch (call.text("aggregation")) {
            case "count" -> groups
                .count(named, ProgramAggregations.<KeyValueStore<Bytes, byte[]>>counts(call))
                .mapValues(count -> count + "");
            case "reduce" -> groups.reduce(ProgramFunctions::reduced, named, call.rows());
            default -> groups.aggregate(() -> "", ProgramFunctions::added, named, call.rows());
        };
    }

    private static Object fixedWindows(Call call, KGroupedStream<String, String> groups, JsonNode windows) {
        TimeWindowedKStream<String, String> windowed =
            (isSliding(windows) ? groups.windowedBy(sliding(windows)) : groups.windowedBy(time(windows)))
                .emitStrategy(strategy(windows));
        var named = call.named();
        return switch (call.text("aggregation")) {
            case "count" -> suppressed(
                    call, windowed.count(named, ProgramAggregations.<WindowStore<Bytes, byte[]>>counts(call)))
                .mapValues(count -> count + "");
            case "reduce" -> suppressed(call, windowed.reduce(ProgramFunctions::reduced, named, texts(call)));
            default -> suppressed(
                call, windowed.aggregate(() -> "", ProgramFunctions::added, named, texts(call)));
        };
    }

    private static Object sessions(Call call, KGroupedStream<String, String> groups, JsonNode windows) {
        var windowed = groups.windowedBy(session(windows)).emitStrategy(strategy(windows));
        var named = call.named();
        return switch (call.text("aggregation")) {
            case "count" -> suppressed(
                    call, windowed.count(named, ProgramAggregations.<SessionStore<Bytes, byte[]>>counts(call)))
                .mapValues(count -> count + "");
            case "reduce" -> suppressed(call, windowed.reduce(ProgramFunctions::reduced, named, texts(call)));
            default -> suppressed(
                call,
                windowed.aggregate(() -> "", ProgramFunctions::added, ProgramFunctions::merged, named, texts(call)));
        };
    }

    private static CogroupedKStream<String, String> cogroup(Call call) {
        KGroupedStream<String, String> first = call.operand(0);
        CogroupedKStream<String, String> groups = first.cogroup(ProgramFunctions::added);
        if (call.data().get("on").size() == 1) return groups;
        return groups.cogroup(call.<KGroupedStream<String, String>>operand(1), ProgramFunctions::addedOther);
    }

    private static Object cogrouped(Call call) {
        return cogroup(call).aggregate(() -> "", call.named(), call.rows());
    }

    private static Object cogrouped(Call call, JsonNode windows) {
        var groups = cogroup(call);
        var named = call.named();
        if (windows.get("kind").asText().equals("session"))
            return suppressed(call, groups
                .windowedBy(session(windows))
                .aggregate(() -> "", ProgramFunctions::merged, named, texts(call)));
        var windowed = isSliding(windows) ? groups.windowedBy(sliding(windows)) : groups.windowedBy(time(windows));
        return suppressed(call, windowed.aggregate(() -> "", named, texts(call)));
    }

    private static boolean isSliding(JsonNode windows) {
        return windows.get("kind").asText().equals("sliding");
    }

    private static Duration span(JsonNode windows, String field) {
        return Duration.ofMillis(windows.get(field).asLong());
    }

    private static TimeWindows time(JsonNode windows) {
        return TimeWindows.ofSizeAndGrace(span(windows, "spanMs"), span(windows, "graceMs"))
            .advanceBy(span(windows, "advanceMs"));
    }

    private static SlidingWindows sliding(JsonNode windows) {
        return SlidingWindows.ofTimeDifferenceAndGrace(span(windows, "spanMs"), span(windows, "graceMs"));
    }

    private static SessionWindows session(JsonNode windows) {
        return SessionWindows.ofInactivityGapAndGrace(span(windows, "spanMs"), span(windows, "graceMs"));
    }

    private static EmitStrategy strategy(JsonNode windows) {
        return windows.get("emits").asText().equals("updates")
            ? EmitStrategy.onWindowUpdate()
            : EmitStrategy.onWindowClose();
    }

    private static <V> KTable<Windowed<String>, V> suppressed(Call call, KTable<Windowed<String>, V> table) {
        var windows = call.data().get("windows");
        if (!windows.has("suppressedMax")) return table;
        int recordsMax = windows.get("suppressedMax").asInt();
        Suppressed<Windowed<?>> suppressed = Suppressed.untilWindowCloses(
            recordsMax == 0 ? unbounded() : maxRecords(recordsMax).shutDownWhenFull());
        return table.suppress(call.isNamed() ? suppressed.withName(call.name() + "-suppress") : suppressed);
    }
}
