import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.test.TestRecord;

/** Plays one script on one topology. Keys, values and headers are in hexadecimal. */
final class Play {
    private static final HexFormat HEX = HexFormat.of();
    private static final Instant WALL_CLOCK_START = Instant.ofEpochMilli(0);
    private static final AtomicLong PLAYS = new AtomicLong();
    private final TopologyTestDriver driver;
    private long wallClockMs = WALL_CLOCK_START.toEpochMilli();

    private Play(TopologyTestDriver driver) {
        this.driver = driver;
    }

    /** The outcome of a topology that does not build is its error. */
    static Map<String, Object> answer(Case each, String stateFolder, JsonNode steps) {
        TopologyTestDriver driver;
        try {
            var builder = new StreamsBuilder();
            each.build().accept(builder);
            // A topology that failed may hold the locks of its folder.
            String folder = stateFolder + "/" + PLAYS.incrementAndGet();
            driver = new TopologyTestDriver(builder.build(), settings(each, folder), WALL_CLOCK_START);
        } catch (RuntimeException error) {
            return Map.of("outcomes", List.of(Map.of("records", Map.of(), "error", reason(error))));
        }
        return new Play(driver).answer(steps);
    }

    private static Properties settings(Case each, String stateFolder) {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, each.cacheBytesMax());
        settings.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_OUTER_JOIN_SPURIOUS_RESULTS_FIX, 0L);
        settings.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
        if (each.skipsFailed()) {
            settings.put(
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                LogAndContinueProcessingExceptionHandler.class);
        }
        return settings;
    }

    /** Stops at the first step that throws, whose outcome is then the error. */
    private Map<String, Object> answer(JsonNode steps) {
        var outcomes = new ArrayList<Map<String, Object>>();
        for (var step : steps) {
            try {
                play(step);
            } catch (RuntimeException error) {
                outcomes.add(Map.of("records", produced(), "error", reason(error)));
                break;
            }
            outcomes.add(Map.of("records", produced(), "dropped", dropped()));
        }
        close();
        return Map.of("outcomes", outcomes);
    }

    /** Closing flushes what is left in caches, which fails if what it would flow to is closed already. */
    private void close() {
        try {
            driver.close();
        } catch (RuntimeException ignored) {
            // The outcomes are complete.
        }
    }

    private void play(JsonNode step) {
        if (step.has("advanceMs")) {
            wallClockMs += step.get("advanceMs").asLong();
            driver.advanceWallClockTime(Duration.ofMillis(step.get("advanceMs").asLong()));
            return;
        }
        var headers = new RecordHeaders();
        for (var header : step.get("headers")) headers.add(header.get(0).asText(), bytes(header.get(1)));
        driver
            .createInputTopic(step.get("topic").asText(), new ByteArraySerializer(), new ByteArraySerializer())
            .pipeInput(new TestRecord<>(
                bytes(step.get("key")),
                bytes(step.get("value")),
                headers,
                Instant.ofEpochMilli(step.get("timestampMs").asLong())));
    }

    private static byte[] bytes(JsonNode hex) {
        return hex.isNull() ? null : HEX.parseHex(hex.asText());
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? null : HEX.formatHex(bytes);
    }

    /** What was written since the last call, by topic. */
    private Map<String, List<Object>> produced() {
        var topics = new TreeMap<String, List<Object>>();
        for (var topic : driver.producedTopicNames()) {
            var output = driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            var records = new ArrayList<Object>();
            while (!output.isEmpty()) records.add(written(output.readRecord()));
            if (!records.isEmpty()) topics.put(topic, records);
        }
        return topics;
    }

    /** A producer gives a record without a time that of its clock, as the changelog of suppress needs. */
    private Map<String, Object> written(TestRecord<byte[], byte[]> record) {
        var fields = new TreeMap<String, Object>();
        var headers = new ArrayList<List<String>>();
        for (Header header : record.headers()) {
            var pair = new ArrayList<String>();
            pair.add(header.key());
            pair.add(hex(header.value()));
            headers.add(pair);
        }
        fields.put("key", hex(record.key()));
        fields.put("value", hex(record.value()));
        fields.put("timestampMs", record.timestamp() == null ? wallClockMs : record.timestamp());
        fields.put("headers", headers);
        return fields;
    }

    private long dropped() {
        return driver.metrics().entrySet().stream()
            .filter(metric -> metric.getKey().name().equals("dropped-records-total"))
            .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
            .sum();
    }

    private static String reason(Throwable error) {
        var cause = error;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
