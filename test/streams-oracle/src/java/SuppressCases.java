import static java.time.Duration.ofSeconds;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.maxRecords;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.unbounded;
import static org.apache.kafka.streams.kstream.Suppressed.untilTimeLimit;
import static org.apache.kafka.streams.kstream.Suppressed.untilWindowCloses;

import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.TimeWindows;

final class SuppressCases {
    static final List<Case> ALL = List.of(
        Case.of("suppress-window", SuppressCases::window),
        Case.of("suppress-session", SuppressCases::session),
        Case.of("suppress-time-limit", SuppressCases::timeLimit),
        Case.of("suppress-full-emits", SuppressCases::fullEmits),
        Case.of("suppress-full-fails", SuppressCases::fullFails));

    private SuppressCases() {}

    static void window(StreamsBuilder builder) {
        WindowCases.byKey(builder)
            .windowedBy(TimeWindows.ofSizeAndGrace(ofSeconds(10), ofSeconds(3)))
            .count()
            .suppress(untilWindowCloses(unbounded()))
            .toStream()
            .to("out", Produced.with(WindowCases.windowed(10), Serdes.Long()));
    }

    static void session(StreamsBuilder builder) {
        WindowCases.byKey(builder)
            .windowedBy(SessionWindows.ofInactivityGapAndGrace(ofSeconds(5), ofSeconds(3)))
            .count()
            .suppress(untilWindowCloses(unbounded()).withName("closed-suppress"))
            .toStream()
            .to("out", Produced.with(WindowCases.sessions(), Serdes.Long()));
    }

    static void timeLimit(StreamsBuilder builder) {
        builder.<String, String>table("t")
            .suppress(untilTimeLimit(ofSeconds(5), unbounded()))
            .toStream()
            .to("out");
    }

    static void fullEmits(StreamsBuilder builder) {
        builder.<String, String>table("t")
            .mapValues(value -> value + "'", Materialized.with(Serdes.String(), Serdes.String()))
            .suppress(untilTimeLimit(ofSeconds(20), maxRecords(2)))
            .filter((key, value) -> !value.startsWith("c"))
            .toStream()
            .to("out");
    }

    static void fullFails(StreamsBuilder builder) {
        WindowCases.byKey(builder)
            .windowedBy(TimeWindows.ofSizeWithNoGrace(ofSeconds(10)))
            .count()
            .suppress(untilWindowCloses(maxRecords(2).shutDownWhenFull()))
            .toStream()
            .to("out", Produced.with(WindowCases.windowed(10), Serdes.Long()));
    }
}
