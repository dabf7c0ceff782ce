import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts words with exactly_once_v2: `WordCount BOOTSTRAP APPLICATION INPUT OUTPUT STATE_FOLDER`.
 * Its grouping creates a repartition topic, and its counts a changelog. The program prints each
 * state that it reaches, and runs until SIGTERM.
 */
public final class WordCount {
    public static void main(String[] args) throws InterruptedException {
        Properties settings = StreamsRun.settings(args[0], args[1], args[4]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);

        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(args[2])
            .flatMapValues(line -> List.of(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.as("words"))
            .count(Materialized.as("counts"))
            .toStream()
            .mapValues(count -> Long.toString(count))
            .to(args[3], Produced.with(Serdes.String(), Serdes.String()));

        StreamsRun.run(builder, settings);
    }
}
