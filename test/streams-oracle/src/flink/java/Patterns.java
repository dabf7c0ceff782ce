import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** Builds Flink's pattern from the calls that a case lists. */
final class Patterns {
    private Patterns() {}

    static Pattern<Letter, ?> of(JsonNode each) {
        List<String> names = new ArrayList<>();
        for (JsonNode step : each.get("steps")) names.add(step.get("name").asText());
        Pattern<Letter, Letter> pattern = null;
        for (JsonNode step : each.get("steps")) {
            String name = step.get("name").asText();
            pattern = pattern == null ? Pattern.begin(name, skip(each.get("skip"))) : joined(pattern, step, name);
            for (JsonNode condition : step.get("conditions"))
                pattern = pattern.where(new Condition(condition, name, names));
            if (step.has("times")) {
                boolean isLoop = step.get("times").isTextual();
                pattern = isLoop ? pattern.oneOrMore() : pattern.times(step.get("times").asInt());
            }
            if (step.has("until")) pattern = pattern.until(new Condition(step.get("until"), name, names));
            if (step.get("isOptional").asBoolean()) pattern = pattern.optional();
        }
        return each.has("withinMs") ? pattern.within(Duration.ofMillis(each.get("withinMs").asLong())) : pattern;
    }

    private static Pattern<Letter, Letter> joined(Pattern<Letter, Letter> pattern, JsonNode step, String name) {
        return switch (step.get("contiguity").asText()) {
            case "next" -> pattern.next(name);
            case "followedBy" -> pattern.followedBy(name);
            case "followedByAny" -> pattern.followedByAny(name);
            case "notNext" -> pattern.notNext(name);
            default -> pattern.notFollowedBy(name);
        };
    }

    private static AfterMatchSkipStrategy skip(JsonNode skip) {
        return switch (skip.get("kind").asText()) {
            case "skipToNext" -> AfterMatchSkipStrategy.skipToNext();
            case "skipPastLastEvent" -> AfterMatchSkipStrategy.skipPastLastEvent();
            case "skipToFirst" -> AfterMatchSkipStrategy.skipToFirst(skip.get("step").asText());
            case "skipToLast" -> AfterMatchSkipStrategy.skipToLast(skip.get("step").asText());
            default -> AfterMatchSkipStrategy.noSkip();
        };
    }
}
