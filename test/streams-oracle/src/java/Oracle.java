import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.StreamsBuilder;

/**
 * Reads one JSON document per line, and answers each with one line. {"describe": TOPOLOGY} gives the text of the
 * topology, or the error that it does not build with. {"topology": TOPOLOGY, "steps": [...]} plays the steps and
 * gives what came of each. A topology is the name of a case, or {"program": [...], "cacheBytesMax": N}.
 */
public final class Oracle {
    private static final Map<String, Case> CASES = new LinkedHashMap<>();

    static {
        List.of(
                StatelessCases.ALL,
                AggregationCases.ALL,
                WindowCases.ALL,
                SuppressCases.ALL,
                StreamJoinCases.ALL,
                TableCases.ALL,
                TableJoinCases.ALL,
                JoinCombinationCases.ALL,
                ProcessorCases.ALL,
                FailureCases.ALL)
            .forEach(family -> family.forEach(each -> CASES.put(each.name(), each)));
    }

    private Oracle() {}

    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(json.writeValueAsString(answer(json.readTree(line), args[0])));
        }
        System.exit(0);
    }

    private static Object answer(JsonNode job, String stateFolder) {
        if (job.has("names")) return new ArrayList<>(CASES.keySet());
        if (job.has("describe")) return describe(find(job.get("describe")));
        return Play.answer(find(job.get("topology")), stateFolder, job.get("steps"));
    }

    private static Case find(JsonNode topology) {
        if (topology.isObject())
            return new Case(
                "program", topology.get("cacheBytesMax").asLong(), false, new Program(topology.get("program")));
        var found = CASES.get(topology.asText());
        if (found == null) throw new IllegalArgumentException("there is no topology " + topology.asText());
        return found;
    }

    private static Object describe(Case each) {
        try {
            var builder = new StreamsBuilder();
            each.build().accept(builder);
            return builder.build().describe().toString();
        } catch (RuntimeException error) {
            return Map.of("error", error.toString());
        }
    }
}
