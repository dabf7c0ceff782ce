import java.util.List;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** A condition that a case names: what `holds` in `find-ours.ts` does, in Java. */
final class Condition extends IterativeCondition<Letter> {
    private final String kind;
    private final String letter;
    private final int limit;
    private final String step;
    private final List<String> names;

    Condition(JsonNode condition, String step, List<String> names) {
        kind = condition.get("kind").asText();
        letter = condition.path("letter").asText();
        limit = condition.path("limit").asInt();
        this.step = step;
        this.names = names;
    }

    @Override
    public boolean filter(Letter event, Context<Letter> context) throws Exception {
        switch (kind) {
            case "letter":
                return event.letter.equals(letter);
            case "differs":
                Letter before = previous(context);
                return before == null || !before.letter.equals(event.letter);
            case "rises":
                Letter lower = previous(context);
                return lower == null || lower.number <= event.number;
            default:
                int sum = event.number;
                for (Letter taken : context.getEventsForPattern(step)) sum += taken.number;
                return sum <= limit;
        }
    }

    /** The event that the run took last. */
    private Letter previous(Context<Letter> context) throws Exception {
        Letter last = null;
        for (String name : names)
            for (Letter taken : context.getEventsForPattern(name))
                if (last == null || taken.index > last.index) last = taken;
        return last;
    }
}
