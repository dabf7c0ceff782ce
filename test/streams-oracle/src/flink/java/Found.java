import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.functions.TimedOutPartialMatchHandler;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Writes what was found as CASE|matches|STEP:0,2 STEP:3@TIME, with the numbers of the events. */
final class Found extends PatternProcessFunction<Letter, String> implements TimedOutPartialMatchHandler<Letter> {
    static final OutputTag<String> TIMED_OUT = new OutputTag<>("timed out", Types.STRING);

    private final int number;

    Found(int number) {
        this.number = number;
    }

    @Override
    public void processMatch(Map<String, List<Letter>> match, Context context, Collector<String> out) {
        if (!isOfTicks(match)) out.collect(number + "|matches|" + inWords(match));
    }

    @Override
    public void processTimedOutMatch(Map<String, List<Letter>> partial, Context context) {
        if (isOfTicks(partial)) return;
        context.output(TIMED_OUT, number + "|timedOut|" + inWords(partial) + "@" + context.timestamp());
    }

    private static boolean isOfTicks(Map<String, List<Letter>> match) {
        return match.values().stream().anyMatch(events -> events.stream().anyMatch(Letter::isTick));
    }

    private static String inWords(Map<String, List<Letter>> match) {
        return match.entrySet().stream()
            .map(
                step ->
                    step.getKey()
                        + ":"
                        + step.getValue().stream().map(event -> "" + event.index).collect(Collectors.joining(",")))
            .collect(Collectors.joining(" "));
    }
}
