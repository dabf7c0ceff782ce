import static java.time.Duration.ofSeconds;

import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.UnlimitedWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.WindowedSerdes;

final class WindowCases {
    static final List<Case> ALL = List.of(
        Case.of("tumbling", WindowCases::tumbling),
        Case.of("unlimited", WindowCases::unlimited),
        Case.cached("cached-unlimited", WindowCases::unlimited),
        Case.of("hopping", WindowCases::hopping),
        Case.of("sliding", WindowCases::sliding),
        Case.of("sliding-no-grace", WindowCases::slidingNoGrace),
        Case.of("session", WindowCases::session),
        Case.of("session-no-grace", WindowCases::sessionNoGrace),
        Case.of("tumbling-on-close", WindowCases::tumblingOnClose),
        Case.of("hopping-on-close", WindowCases::hoppingOnClose),
        Case.of("sliding-on-close", WindowCases::slidingOnClose),
        Case.of("session-on-close", WindowCases::sessionOnClose),
        Case.of("cogroup-windowed", WindowCases::cogroupWindowed),
        Case.of("cogroup-session", WindowCases::cogroupSession),
        Case.cached("cached-hopping", WindowCases::hopping),
        Case.cached("cached-session", WindowCases::session));

    private WindowCases() {}

    static KGroupedStream<String, String> byKey(StreamsBuilder builder) {
        return builder.stream("a", Consumed.with(Serdes.String(), Serdes.String())).groupByKey();
    }

    static Serde<Windowed<String>> windowed(long seconds) {
        return WindowedSerdes.timeWindowedSerdeFrom(String.class, seconds * 1_000);
    }

    static Serde<Windowed<String>> sessions() {
        return WindowedSerdes.sessionWindowedSerdeFrom(String.class);
    }

    static String append(String sum, String value) {
        return AggregationCases.tail(sum + value);
    }

    static void unlimited(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(UnlimitedWindows.of().startOn(Instant.ofEpochMilli(9_000)))
            .count()
            .toStream()
            .to("out", Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, Long.MAX_VALUE), Serdes.Long()));
    }

    static void tumbling(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(TimeWindows.ofSizeAndGrace(ofSeconds(10), ofSeconds(3)))
            .count()
            .toStream()
            .to("out", Produced.with(windowed(10), Serdes.Long()));
    }

    static void hopping(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .filter((key, value) -> value != null)
            .flatMapValues(value -> List.of(value.split(" ")))
            .groupByKey()
            .windowedBy(TimeWindows.ofSizeWithNoGrace(ofSeconds(10)).advanceBy(ofSeconds(4)))
            .reduce((sum, value) -> append(sum, value), Materialized.as("hops"))
            .toStream()
            .to("out", Produced.keySerde(windowed(10)));
    }

    static void sliding(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(ofSeconds(5), ofSeconds(4)))
            .aggregate(() -> "", (key, value, sum) -> append(sum, value))
            .toStream()
            .to("out", Produced.keySerde(windowed(5)));
    }

    static void slidingNoGrace(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(ofSeconds(5)))
            .count(Named.as("slides"), Materialized.as("slide-store"))
            .toStream()
            .to("out", Produced.with(windowed(5), Serdes.Long()));
    }

    static void session(StreamsBuilder builder) {
        builder.<String, String>stream("a")
            .filter((key, value) -> value != null)
            .flatMapValues(value -> List.of(value.split(" ")))
            .groupByKey()
            .windowedBy(SessionWindows.ofInactivityGapAndGrace(ofSeconds(5), ofSeconds(12)))
            .count()
            .toStream()
            .to("out", Produced.with(sessions(), Serdes.Long()));
    }

    static void sessionNoGrace(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(ofSeconds(5)))
            .aggregate(
                () -> "",
                (key, value, sum) -> append(sum, value),
                (key, one, other) -> append(one, "|" + other),
                Materialized.as("sessions"))
            .toStream()
            .to("out", Produced.keySerde(sessions()));
    }

    static void tumblingOnClose(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(TimeWindows.ofSizeAndGrace(ofSeconds(10), ofSeconds(3)))
            .emitStrategy(EmitStrategy.onWindowClose())
            .count()
            .toStream()
            .to("out", Produced.with(windowed(10), Serdes.Long()));
    }

    static void hoppingOnClose(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(TimeWindows.ofSizeWithNoGrace(ofSeconds(10)).advanceBy(ofSeconds(4)))
            .emitStrategy(EmitStrategy.onWindowClose())
            .reduce((sum, value) -> append(sum, value))
            .toStream()
            .to("out", Produced.keySerde(windowed(10)));
    }

    static void slidingOnClose(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(ofSeconds(5), ofSeconds(4)))
            .emitStrategy(EmitStrategy.onWindowClose())
            .count()
            .toStream()
            .to("out", Produced.with(windowed(5), Serdes.Long()));
    }

    static void sessionOnClose(StreamsBuilder builder) {
        byKey(builder)
            .windowedBy(SessionWindows.ofInactivityGapAndGrace(ofSeconds(5), ofSeconds(3)))
            .emitStrategy(EmitStrategy.onWindowClose())
            .count()
            .toStream()
            .to("out", Produced.with(sessions(), Serdes.Long()));
    }

    static void cogroupWindowed(StreamsBuilder builder) {
        KGroupedStream<String, String> b = builder.<String, String>stream("b")
            .groupBy((key, value) -> value == null ? null : value.substring(0, 1));
        byKey(builder)
            .<String>cogroup((key, value, sum) -> append(sum, "a" + value))
            .cogroup(b, (key, value, sum) -> append(sum, "b" + value))
            .windowedBy(TimeWindows.ofSizeAndGrace(ofSeconds(10), ofSeconds(2)))
            .aggregate(() -> "", Materialized.as("both"))
            .toStream()
            .to("out", Produced.keySerde(windowed(10)));
    }

    static void cogroupSession(StreamsBuilder builder) {
        KGroupedStream<String, String> b = builder.<String, String>stream("b").groupByKey();
        byKey(builder)
            .<String>cogroup((key, value, sum) -> append(sum, "a" + value))
            .cogroup(b, (key, value, sum) -> append(sum, "b" + value))
            .windowedBy(SessionWindows.ofInactivityGapAndGrace(ofSeconds(5), ofSeconds(2)))
            .aggregate(() -> "", (key, one, other) -> append(one, "|" + other))
            .toStream()
            .to("out", Produced.keySerde(sessions()));
    }
}
