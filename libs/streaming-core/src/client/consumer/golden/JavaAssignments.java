import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;

/**
 * Prints what Apache Kafka's own assignors assign in 200 random groups, one JSON document per line.
 * Writes java-assignments.jsonl with Java 17 and the jars of Apache Kafka 4.3.1:
 *
 *   java -cp "$HOME/.cache/millrace/kafka-4.3.1/libs/*" JavaAssignments.java > java-assignments.jsonl
 */
class JavaAssignments {
  public static void main(String[] args) {
    for (int seed = 0; seed < 200; seed++) System.out.println(groupOf(new Random(seed)));
  }

  static String groupOf(Random random) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i <= random.nextInt(4); i++) counts.put("t" + i, 1 + random.nextInt(6));
    boolean sameTopics = random.nextBoolean();
    boolean withStatic = random.nextBoolean();
    Map<String, Subscription> members = new TreeMap<>();
    List<String> described = new ArrayList<>();
    int size = 1 + random.nextInt(5);
    for (int i = 0; i < size; i++) {
      String id = "m" + Integer.toString(random.nextInt(1296), 36) + i;
      List<String> topics = counts.keySet().stream()
          .filter(topic -> sameTopics || random.nextInt(3) > 0).collect(Collectors.toList());
      Subscription subscription = new Subscription(topics);
      boolean isStatic = withStatic && random.nextInt(3) > 0;
      String instance = "s" + (size - i);
      if (isStatic) subscription.setGroupInstanceId(Optional.of(instance));
      members.put(id, subscription);
      String named = isStatic ? ",\"groupInstanceId\":\"" + instance + "\"" : "";
      described.add("{\"memberId\":\"" + id + "\"" + named + ",\"topics\":" + quoted(topics) + "}");
    }
    String topics = counts.entrySet().stream()
        .map(each -> "\"" + each.getKey() + "\":" + each.getValue()).collect(Collectors.joining(","));
    return "{\"counts\":{" + topics + "},\"members\":[" + String.join(",", described) + "]"
        + ",\"range\":" + assigned(new RangeAssignor(), counts, members)
        + ",\"roundrobin\":" + assigned(new RoundRobinAssignor(), counts, members) + "}";
  }

  static String assigned(AbstractPartitionAssignor assignor, Map<String, Integer> counts,
      Map<String, Subscription> members) {
    Node node = new Node(0, "localhost", 9092);
    List<PartitionInfo> partitions = new ArrayList<>();
    counts.forEach((topic, count) -> {
      for (int i = 0; i < count; i++)
        partitions.add(new PartitionInfo(topic, i, node, new Node[] {node}, new Node[] {node}));
    });
    Cluster cluster = new Cluster("cluster", List.of(node), partitions, java.util.Set.of(), java.util.Set.of());
    return new TreeMap<>(assignor.assign(cluster, new GroupSubscription(members)).groupAssignment())
        .entrySet().stream()
        .map(each -> "\"" + each.getKey() + "\":" + quoted(each.getValue().partitions().stream()
            .map(at -> at.topic() + "/" + at.partition()).sorted().collect(Collectors.toList())))
        .collect(Collectors.joining(",", "{", "}"));
  }

  static String quoted(List<String> words) {
    return words.stream().map(word -> "\"" + word + "\"").collect(Collectors.joining(",", "[", "]"));
  }
}
