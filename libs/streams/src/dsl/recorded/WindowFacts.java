import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.maxBytes;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.maxRecords;
import static org.apache.kafka.streams.kstream.Suppressed.BufferConfig.unbounded;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Records what Kafka Streams 4.3.1 does with windows, for windows.spec.ts. Each line of a run is an input and its
 * outputs. Run with: java -cp 'KAFKA/libs/*' WindowFacts.java > windows.txt
 */
public class WindowFacts {
  /** Runs that are recorded with a cache too. For sessions near the start of 1970, the cache of Kafka Streams throws. */
  static final Set<String> CACHED = Set.of("tumbling-grace", "hopping", "sliding", "sliding-early", "close-tumbling-random", "close-hopping", "close-sliding", "suppress-tumbling", "suppress-limit", "cogroup-tumbling", "grouped-tumbling", "joined-windows", "session", "session-grace", "session-random", "session-aggregate", "grouped-session");
  static final Serde<String> STRING = Serdes.String();
  static final Duration FIVE = Duration.ofMinutes(5);
  static final Duration ONE = Duration.ofMinutes(1);
  static final Materialized<String, Long, WindowStore<Bytes, byte[]>> WINDOW = Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("w").withKeySerde(STRING).withValueSerde(Serdes.Long());
  static final Materialized<String, Long, SessionStore<Bytes, byte[]>> SESSION = Materialized.<String, Long, SessionStore<Bytes, byte[]>>as("w").withKeySerde(STRING).withValueSerde(Serdes.Long());
  static final Materialized<String, Long, KeyValueStore<Bytes, byte[]>> TABLE = Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("w").withKeySerde(STRING).withValueSerde(Serdes.Long());

  public static void main(String[] arguments) {
    String closing = "u 1 0,v 2 1m,+1000,u 3 5m,+1000,u 4 6m,+1000,w 5 11m,w 6 16m,+999,w 7 16m,+1,w 8 16m,+1000,w 9 1h,+1000,w 10 2h";
    String sessions = "u x 540m,u x 569m,u x 598m,u x 630m,u late 605m,v x 540m,v x 570m,v y 600m,v z 630m";
    String early = "k a 20,k b 50,k c 30,k d 110,k e 50,k f 51,k g 111,k h 300,k i 149,k j 150,k l 199,k m 400,k n 200,- x 400,k - 400";
    String slowSessions = "u 1 0,v 2 1m,+1000,u 3 5m,+1000,u 4 6m,+1000,w 5 360001,+1000,w 6 7m,+1000,w 7 420001,+1000,w 8 12m,+1000,w 9 720001,+1000,x 10 13m,+1000,x 10 15m,+1000,x 10 1080001";
    String sizes = "a 1 0,b 2 0,c 3 0,d 4 0,e 5 0";

    windowed("tumbling-grace", tumbling(), "u x 270000,v x 359000,u in-grace 270000,v x 6m,u late 270000," + random(1));
    windowed("hopping", g -> g.windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE).advanceBy(ONE)).count(WINDOW), "u x 10m,u x 659999,u 1 10m,u 2 8m,u 3 5m,- 3 5m,u - 10m," + random(2));
    windowed("hopping-uneven", g -> g.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE).advanceBy(Duration.ofMinutes(2))).count(WINDOW), random(3));
    windowed("sliding", sliding(), "u x 10m,u x 700000,u x 15m,u x 1000001," + random(4));
    windowed("sliding-early", g -> g.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(Duration.ofMillis(100), Duration.ofMillis(50))).reduce((x, y) -> x + y, Materialized.as("w")), early);
    windowed("session", g -> g.windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMinutes(30))).count(SESSION), sessions);
    windowed("session-grace", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(Duration.ofMinutes(30), Duration.ofHours(1))).count(SESSION), sessions);
    windowed("session-random", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(ONE, ONE)).count(SESSION), random(5));
    windowed("session-aggregate", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).aggregate(() -> "", (k, v, x) -> x + v, (k, x, y) -> x + "|" + y, Materialized.as("w")), random(6));
    windowed("close-tumbling", g -> g.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE)).emitStrategy(EmitStrategy.onWindowClose()).count(WINDOW), closing);
    windowed("close-tumbling-random", g -> g.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE)).emitStrategy(EmitStrategy.onWindowClose()).count(WINDOW), random(7));
    windowed("close-hopping", g -> g.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE).advanceBy(Duration.ofMinutes(2))).emitStrategy(EmitStrategy.onWindowClose()).count(WINDOW), closing);
    windowed("close-sliding", g -> g.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(FIVE, ONE)).emitStrategy(EmitStrategy.onWindowClose()).count(WINDOW), closing + "," + random(8));
    windowed("close-session", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).emitStrategy(EmitStrategy.onWindowClose()).count(SESSION), closing);
    windowed("close-session-slow", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).emitStrategy(EmitStrategy.onWindowClose()).count(SESSION), slowSessions);
    windowed("suppress-tumbling", g -> tumbling().of(g).suppress(Suppressed.untilWindowCloses(unbounded())), closing);
    windowed("suppress-sliding", g -> sliding().of(g).suppress(Suppressed.untilWindowCloses(unbounded())), random(9));
    windowed("suppress-session", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).count(SESSION).suppress(Suppressed.untilWindowCloses(unbounded())), closing);
    windowed("suppress-filter", g -> tumbling().of(g).suppress(Suppressed.untilTimeLimit(ONE, unbounded())).suppress(Suppressed.untilTimeLimit(ONE, maxRecords(1))), closing);
    windowed("suppress-full", g -> tumbling().of(g).suppress(Suppressed.untilWindowCloses(maxBytes(200).shutDownWhenFull())), sizes);
    plain("suppress-limit", g -> g.count(TABLE).suppress(Suppressed.untilTimeLimit(Duration.ofMinutes(2), maxRecords(2))), "a 1 0,b 2 1m,a 3 1m,c 4 1m,b 5 3m,d 6 6m,d 7 6m," + random(10));
    plain("suppress-early", g -> g.count(TABLE).suppress(Suppressed.untilTimeLimit(Duration.ofMinutes(2), maxBytes(120).emitEarlyWhenFull())), "a 1 5,b 2 3,c 3 0,d 4 0,e 5 0");
    grouped("grouped-tumbling", tumbling(), random(12));
    grouped("grouped-sliding", sliding(), "u x 10m,u x 700000,u x 15m,u x 1000001," + random(13));
    grouped("grouped-session", g -> g.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).count(SESSION), random(14));
    grouped("grouped-suppressed", g -> tumbling().of(g).suppress(Suppressed.untilTimeLimit(ONE, maxRecords(2))), random(15));
    run("joined-windows", b -> {
      KGroupedStream<String, String> s = b.<String, String>stream("s").groupByKey();
      KGroupedStream<String, String> t = b.<String, String>stream("t").groupByKey();
      KTable<Windowed<String>, Long> left = tumbling().of(s).suppress(Suppressed.untilTimeLimit(ONE, unbounded()));
      KTable<Windowed<String>, Long> right = t.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE)).count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("r").withKeySerde(STRING).withValueSerde(Serdes.Long()));
      windows(left.outerJoin(right, (x, y) -> x + "/" + y));
    }, "a x 0,t a y 0,t a y 1,a x 2,a x 1m,t a y 2m,b x 2m,t b y 3m,b x 10m,t b y 10m,a x 12m," + random(16).replaceAll("(,)([a-c] [0-9]*[02468] )", "$1t $2"));
    run("joined-sessions", b -> {
      KGroupedStream<String, String> s = b.<String, String>stream("s").groupByKey();
      KGroupedStream<String, String> t = b.<String, String>stream("t").groupByKey();
      KTable<Windowed<String>, Long> left = s.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).count(SESSION);
      KTable<Windowed<String>, Long> right = t.windowedBy(SessionWindows.ofInactivityGapAndGrace(FIVE, ONE)).count(Materialized.<String, Long, SessionStore<Bytes, byte[]>>as("r").withKeySerde(STRING).withValueSerde(Serdes.Long()));
      windows(left.join(right, (x, y) -> x + "/" + y));
    }, "a x 0,t a y 0,t a y 1,a x 1,a x 1m,t a y 1m,t b y 3m,b x 3m,b x 4m,t b y 4m,a x 12m,t a y 12m");
    String two = "a x 0,t a y 299999,a z 20m,t a w 15m,t a w 11m,t a w 6m,a p 0,- x 0,a - 3,t b q 3," + random(11);
    plainCogroup("cogroup", c -> c.aggregate(() -> "", Materialized.as("w")), two);
    windowedCogroup("cogroup-tumbling", c -> c.windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE)).aggregate(() -> "", Materialized.as("w")), two);
    windowedCogroup("cogroup-sliding", c -> c.windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(FIVE)).aggregate(() -> "", Materialized.as("w")), two);
    windowedCogroup("cogroup-session", c -> c.windowedBy(SessionWindows.ofInactivityGapWithNoGrace(FIVE)).aggregate(() -> "", (k, x, y) -> x + y, Materialized.as("w")), two);
    shows();
  }

  static void shows() {
    show("win-suppress", b -> b.<String, String>stream("s").groupByKey().windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE)).count().suppress(Suppressed.untilWindowCloses(unbounded())).toStream().to("o"));
    show("cogroup", b -> streams(b, null).aggregate(() -> "").toStream().to("o"));
    show("cogroup-named", b -> streams(b, null).aggregate(() -> "", Named.as("co"), Materialized.as("store")).toStream().to("o"));
    show("cogroup-windowed", b -> streams(b, "grp").windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE)).aggregate(() -> "").suppress(Suppressed.untilWindowCloses(unbounded()).withName("sup")).toStream().to("o"));
    show("windowed-names", b -> {
      KGroupedStream<String, String> g = b.<String, String>stream("s").groupByKey();
      g.windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE)).count(Named.as("cnt"));
      g.windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(FIVE)).reduce((x, y) -> x + y, Materialized.as("red"));
      g.windowedBy(SessionWindows.ofInactivityGapWithNoGrace(FIVE)).aggregate(() -> "", (k, v, x) -> x, (k, x, y) -> x);
      g.windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE)).count(Materialized.with(STRING, Serdes.Long())).suppress(Suppressed.untilTimeLimit(ONE, unbounded())).toStream().to("o");
    });
    show("windowed-repartition", b -> {
      b.<String, String>stream("s").groupBy((k, v) -> v).windowedBy(TimeWindows.ofSizeWithNoGrace(FIVE)).count().toStream().to("o");
      b.<String, String>stream("s2").groupBy((k, v) -> v, Grouped.as("g")).windowedBy(SessionWindows.ofInactivityGapWithNoGrace(FIVE)).count(Materialized.as("ses")).toStream().to("o");
    });
  }

  interface Windowing<V> { KTable<Windowed<String>, V> of(KGroupedStream<String, String> grouped); }
  interface Grouping<V> { KTable<String, V> of(KGroupedStream<String, String> grouped); }
  interface Cogrouping<K> { KTable<K, String> of(CogroupedKStream<String, String> cogrouped); }

  static Windowing<Long> tumbling() { return g -> g.windowedBy(TimeWindows.ofSizeAndGrace(FIVE, ONE)).count(WINDOW); }
  static Windowing<Long> sliding() { return g -> g.windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(FIVE)).count(WINDOW); }

  static CogroupedKStream<String, String> streams(StreamsBuilder b, String name) {
    KStream<String, String> second = b.<String, String>stream("s2");
    KGroupedStream<String, String> grouped = name == null ? second.selectKey((k, v) -> v).groupByKey() : second.groupBy((k, v) -> v, Grouped.as(name));
    return b.<String, String>stream("s1").groupByKey().<String>cogroup((k, v, x) -> x + v).cogroup(grouped, (k, v, x) -> x + v);
  }

  static <V> void windowed(String name, Windowing<V> windowing, String script) {
    run(name, b -> windows(windowing.of(b.<String, String>stream("s").groupByKey())), script);
  }

  static <V> void plain(String name, Grouping<V> grouping, String script) {
    run(name, b -> grouping.of(b.<String, String>stream("s").groupByKey()).toStream().mapValues(v -> "" + v).to("o"), script);
  }

  /** All windows of a key in one sum, which needs the old values of the windows. */
  static void grouped(String name, Windowing<Long> windowing, String script) {
    run(name, b -> windowing.of(b.<String, String>stream("s").groupByKey())
      .groupBy((k, v) -> KeyValue.pair(k.key(), v), Grouped.with(STRING, Serdes.Long()))
      .aggregate(() -> 0L, (k, v, sum) -> sum + v, (k, v, sum) -> sum - v, Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("sum").withValueSerde(Serdes.Long()))
      .toStream().mapValues(v -> "" + v).to("o"), script);
  }

  static CogroupedKStream<String, String> both(StreamsBuilder b) {
    return b.<String, String>stream("s").groupByKey().<String>cogroup((k, v, x) -> x + "1" + v).cogroup(b.<String, String>stream("t").groupByKey(), (k, v, x) -> x + "2" + v);
  }

  static void plainCogroup(String name, Cogrouping<String> cogrouping, String script) {
    run(name, b -> cogrouping.of(both(b)).toStream().to("o"), script);
  }

  static void windowedCogroup(String name, Cogrouping<Windowed<String>> cogrouping, String script) {
    run(name, b -> windows(cogrouping.of(both(b))), script);
  }

  static <V> void windows(KTable<Windowed<String>, V> table) {
    table.toStream().map((k, v) -> KeyValue.pair(k.key() + "@" + k.window().start() + "-" + k.window().end(), "" + v)).to("o");
  }

  static void show(String name, Consumer<StreamsBuilder> define) {
    StreamsBuilder builder = new StreamsBuilder();
    define.accept(builder);
    System.out.println("== show " + name);
    System.out.print(builder.build().describe());
  }

  /** A fixed sequence of steps, for any seed: mostly forwards in time, sometimes far back or far ahead. */
  static String random(long seed) {
    List<String> steps = new ArrayList<>();
    long[] state = {seed};
    long now = 1_800_000;
    for (int i = 0; i < 30; i++) {
      long kind = next(state, 20);
      if (kind == 0) steps.add("+" + (500 + next(state, 1000)));
      now += kind == 1 ? next(state, 1_200_000) : next(state, 40_000);
      long time = kind > 13 ? Math.max(0, now - next(state, 500_000)) : now;
      steps.add("abc".charAt((int) next(state, 3)) + " " + i + " " + time);
    }
    return String.join(",", steps);
  }

  static long next(long[] state, long bound) {
    state[0] = (state[0] * 1_103_515_245L + 12_345L) & 0x7fffffffL;
    return (state[0] >> 8) % bound;
  }

  static void run(String name, Consumer<StreamsBuilder> define, String script) {
    for (String cache : CACHED.contains(name) ? List.of("0", "10000000") : List.of("0")) {
      System.out.println("== run " + name + (cache.equals("0") ? "" : "-cached"));
      StreamsBuilder builder = new StreamsBuilder();
      define.accept(builder);
      try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties(cache), Instant.ofEpochMilli(0))) {
        for (String step : script.split(",")) System.out.println(step + " ->" + play(driver, step));
        dropped(driver);
        changelogs(driver);
      } catch (org.apache.kafka.streams.errors.StreamsException failed) {
        Throwable reason = failed.getCause() == null ? failed : failed.getCause();
        System.out.println("throws " + reason.getMessage().lines().findFirst().orElse(""));
      }
    }
  }

  static String play(TopologyTestDriver driver, String step) {
    if (step.startsWith("+")) driver.advanceWallClockTime(Duration.ofMillis(Long.parseLong(step.substring(1))));
    else pipe(driver, step.startsWith("t ") ? "t" : "s", (step.startsWith("t ") ? step.substring(2) : step).split(" "));
    StringBuilder text = new StringBuilder();
    var output = driver.createOutputTopic("o", new StringDeserializer(), new StringDeserializer());
    while (!output.isEmpty()) {
      var record = output.readRecord();
      text.append(" [").append(record.key()).append(" ").append(record.value()).append(" ts").append(record.timestamp());
      for (var header : record.headers()) text.append(" ").append(header.key()).append("=").append(new String(header.value()));
      text.append("]");
    }
    return text.toString();
  }

  static void pipe(TopologyTestDriver driver, String topic, String[] parts) {
    String key = parts[0].equals("-") ? null : parts[0];
    String value = parts[1].equals("-") ? null : parts[1];
    var headers = new RecordHeaders().add("h", parts[1].getBytes());
    driver.createInputTopic(topic, new StringSerializer(), new StringSerializer()).pipeInput(new TestRecord<String, String>(key, value, headers, time(parts[2])));
  }

  static long time(String text) {
    if (text.endsWith("m")) return 60_000L * Long.parseLong(text.substring(0, text.length() - 1));
    if (text.endsWith("h")) return 3_600_000L * Long.parseLong(text.substring(0, text.length() - 1));
    return Long.parseLong(text);
  }

  static void dropped(TopologyTestDriver driver) {
    for (var metric : driver.metrics().entrySet())
      if (metric.getKey().name().equals("dropped-records-total")) System.out.println("dropped " + ((Double) metric.getValue().metricValue()).longValue());
  }

  static void changelogs(TopologyTestDriver driver) {
    for (String topic : new TreeSet<>(driver.producedTopicNames())) {
      if (topic.equals("o")) continue;
      var output = driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      List<String> lines = new ArrayList<>();
      while (!output.isEmpty()) {
        var record = output.readRecord();
        lines.add(topic + " " + hex(record.key()) + " = " + hex(record.value()) + (record.timestamp() == null ? "" : " ts" + record.timestamp()));
      }
      // The buffer of suppress writes the keys of a commit in the order of a hash set.
      if (topic.contains("SUPPRESS")) lines.sort(Comparator.comparing(line -> line.substring(0, line.indexOf('='))));
      lines.forEach(System.out::println);
    }
  }

  static String hex(byte[] bytes) { return bytes == null ? "null" : HexFormat.of().formatHex(bytes); }

  static Properties properties(String cache) {
    Properties properties = new Properties();
    properties.put("application.id", "app");
    properties.put("bootstrap.servers", "nowhere:1");
    properties.put("default.key.serde", Serdes.StringSerde.class.getName());
    properties.put("default.value.serde", Serdes.StringSerde.class.getName());
    properties.put("statestore.cache.max.bytes", cache);
    properties.put("state.dir", System.getProperty("java.io.tmpdir") + "/window-facts-" + ProcessHandle.current().pid());
    return properties;
  }
}
