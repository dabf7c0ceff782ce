import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.state.Stores;

final class ProgramStreams {
    private ProgramStreams() {}

    /** Returns null if the call has no result. */
    static Object perform(Call call) {
        var stream = call.stream();
        var named = call.named();
        return switch (call.op()) {
            case "filter" -> stream.filter((key, value) -> ProgramFunctions.isEven(value), named);
            case "filterNot" -> stream.filterNot((key, value) -> ProgramFunctions.isEven(value), named);
            case "mapValues" -> stream.mapValues(value -> ProgramFunctions.quoted(value), named);
            case "flatMapValues" -> stream.flatMapValues(value -> ProgramFunctions.valueAndLetter(value), named);
            case "map" -> stream.map(ProgramFunctions::letterAndBoth, named);
            case "flatMap" -> stream.flatMap(ProgramFunctions::bothWays, named);
            case "selectKey" -> stream.selectKey((key, value) -> ProgramFunctions.letter(value), named);
            case "peek" -> stream.peek((key, value) -> {}, named);
            case "withOrigin" -> call.isNamed()
                ? stream.process(WithOrigin::new, named)
                : stream.process(WithOrigin::new);
            case "merge" -> stream.merge(call.<KStream<String, String>>operand(1), named);
            case "groupByKey" -> stream.groupByKey(call.grouped());
            case "groupBy" -> stream.groupBy((key, value) -> ProgramFunctions.letter(value), call.grouped());
            case "split" -> branch(call);
            case "repartition" -> stream.repartition(repartitioned(call));
            case "toTable" -> stream.toTable(named, call.rows());
            case "withLast", "summedUp" -> withStore(call);
            case "to" -> {
                var produced = Produced.with(Serdes.String(), Serdes.String());
                stream.to("out-" + call.id(), call.isNamed() ? produced.withName(call.name()) : produced);
                yield null;
            }
            default -> throw new IllegalArgumentException("there is no call " + call.op());
        };
    }

    /** Goes on with one of the branches. The others are written to topics. */
    private static KStream<String, String> branch(Call call) {
        String prefix = call.isNamed() ? call.name() + "-" : null;
        var split = prefix == null ? call.stream().split() : call.stream().split(Named.as(prefix));
        var branches = split
            .branch((key, value) -> ProgramFunctions.isEven(value), Branched.as("even"))
            .branch((key, value) -> value == null, Branched.as("empty"))
            .defaultBranch(Branched.as("rest"));
        KStream<String, String> taken = null;
        for (var suffix : List.of("even", "empty", "rest")) {
            var branch = branches.entrySet().stream()
                .filter(each -> each.getKey().endsWith(suffix)).findFirst().orElseThrow().getValue();
            if (suffix.equals(call.text("branch"))) taken = branch;
            else branch.to("out-" + call.id() + "-" + suffix);
        }
        return taken;
    }

    private static Repartitioned<String, String> repartitioned(Call call) {
        var repartitioned = Repartitioned.with(Serdes.String(), Serdes.String());
        if (call.isNamed()) repartitioned = repartitioned.withName(call.name());
        return call.data().has("partitionCount")
            ? repartitioned.withNumberOfPartitions(call.data().get("partitionCount").asInt())
            : repartitioned;
    }

    private static KStream<String, String> withStore(Call call) {
        String store = call.storeName();
        call.builder().addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(store), Serdes.String(), Serdes.String()));
        if (call.op().equals("withLast")) {
            return call.isNamed()
                ? call.stream().processValues(() -> new WithLast(store), call.named(), store)
                : call.stream().processValues(() -> new WithLast(store), store);
        }
        var type = call.text("clock").equals("stream_time")
            ? PunctuationType.STREAM_TIME
            : PunctuationType.WALL_CLOCK_TIME;
        return call.isNamed()
            ? call.stream().process(() -> new SummedUp(type, store), call.named(), store)
            : call.stream().process(() -> new SummedUp(type, store), store);
    }
}
