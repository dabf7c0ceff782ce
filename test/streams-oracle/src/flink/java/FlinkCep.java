import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.CEP;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Reads one JSON list of cases per line, each a pattern and its events. Runs all cases of a line as one job on a
 * MiniCluster, and answers with one line: for each case its matches and its partial matches that timed out, in the
 * order in which Flink has found them.
 */
public final class FlinkCep {
    private FlinkCep() {}

    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(json.writeValueAsString(run(json.readTree(line))));
        }
        System.exit(0);
    }

    private static List<Map<String, List<String>>> run(JsonNode cases) throws Exception {
        var environment = StreamExecutionEnvironment.createLocalEnvironment(1);
        DataStream<String> all = null;
        for (int number = 0; number < cases.size(); number += 1) {
            var found = found(environment, number, cases.get(number));
            all = all == null ? found : all.union(found);
        }
        List<Map<String, List<String>>> answer = new ArrayList<>();
        for (int number = 0; number < cases.size(); number += 1) {
            Map<String, List<String>> outcome = new LinkedHashMap<>();
            outcome.put("matches", new ArrayList<>());
            outcome.put("timedOut", new ArrayList<>());
            answer.add(outcome);
        }
        try (var lines = all.executeAndCollect()) {
            while (lines.hasNext()) {
                String[] line = lines.next().split("\\|", 3);
                answer.get(Integer.parseInt(line[0])).get(line[1]).add(line[2]);
            }
        }
        return answer;
    }

    private static DataStream<String> found(StreamExecutionEnvironment environment, int number, JsonNode each) {
        List<Letter> events = new ArrayList<>();
        for (JsonNode event : each.get("events")) events.add(new Letter(events.size(), event));
        var timed =
            environment
                .fromData(withTicks(events, each.path("withinMs").asLong()))
                .assignTimestampsAndWatermarks(
                    WatermarkStrategy.<Letter>forGenerator(context -> new EachMillisecond())
                        .withTimestampAssigner((event, at) -> event.timeMs));
        var matches =
            CEP.pattern(timed.keyBy(event -> event.isTick() ? event.timeMs : 0), Patterns.of(each))
                .process(new Found(number), Types.STRING);
        return matches.union(matches.getSideOutput(Found.TIMED_OUT));
    }

    /** The events, and before each millisecond a tick of another key, so that the watermark passes them one by one. */
    private static List<Letter> withTicks(List<Letter> events, long withinMs) {
        List<Letter> all = new ArrayList<>();
        long end = events.get(events.size() - 1).timeMs + withinMs + 2;
        int next = 0;
        for (long timeMs = events.get(0).timeMs; timeMs < end; timeMs += 1) {
            all.add(Letter.tick(timeMs));
            for (; next < events.size() && events.get(next).timeMs == timeMs; next += 1) all.add(events.get(next));
        }
        return all;
    }
}
