import static java.time.Duration.ofSeconds;

import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.StreamJoined;

final class StreamJoinCases {
    static final List<Case> ALL = List.of(
        Case.of("stream-join", StreamJoinCases::inner),
        Case.of("stream-left-join", StreamJoinCases::left),
        Case.of("stream-outer-join", StreamJoinCases::outer),
        Case.of("stream-join-repartition", StreamJoinCases::repartitioned),
        Case.of("stream-outer-join-named", StreamJoinCases::named),
        Case.of("stream-self-join", StreamJoinCases::self),
        Case.cached("cached-stream-outer-join", StreamJoinCases::outer));

    private StreamJoinCases() {}

    static void inner(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.join(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(5))).to("out");
    }

    static void left(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.leftJoin(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(5), ofSeconds(2)))
            .to("out");
    }

    static void outer(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.stream("b");
        a.outerJoin(
                b,
                (key, x, y) -> key + ":" + x + "+" + y,
                JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(5), ofSeconds(2)).before(ofSeconds(1)).after(ofSeconds(7)))
            .to("out");
    }

    static void repartitioned(StreamsBuilder builder) {
        KStream<String, String> a = builder.<String, String>stream("a").selectKey((key, value) -> value);
        KStream<String, String> b = builder.<String, String>stream("b").selectKey((key, value) -> value);
        a.leftJoin(b, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(5))).to("out");
    }

    static void named(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        KStream<String, String> b = builder.<String, String>stream("b").selectKey((key, value) -> value);
        a.outerJoin(
                b,
                (x, y) -> x + "+" + y,
                JoinWindows.ofTimeDifferenceAndGrace(ofSeconds(5), ofSeconds(2)),
                StreamJoined.with(Serdes.String(), Serdes.String(), Serdes.String())
                    .withName("pair")
                    .withStoreName("pair-store"))
            .to("out");
    }

    static void self(StreamsBuilder builder) {
        KStream<String, String> a = builder.stream("a");
        a.join(a, (x, y) -> x + "+" + y, JoinWindows.ofTimeDifferenceWithNoGrace(ofSeconds(5))).to("out");
    }
}
