import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Prints the exception of each error code of the protocol in Apache Kafka's Java client, and what
 * it inherits from, one JSON document per line. Writes java-errors.jsonl with Java 17 and the jars
 * of Apache Kafka 4.3.1:
 *
 *   java -cp "$HOME/.cache/millrace/kafka-4.3.1/libs/*" JavaErrors.java > java-errors.jsonl
 */
class JavaErrors {
  public static void main(String[] args) {
    for (Errors error : Errors.values())
      if (error != Errors.NONE) System.out.println(
          "{\"name\":\"%s\",\"code\":%d,\"classes\":[%s]}"
              .formatted(error.name(), error.code(), String.join(",", classesOf(error.exception().getClass()))));
  }

  /** The class of the exception and its ancestors, without those that all exceptions have. */
  static List<String> classesOf(Class<?> exception) {
    List<String> names = new ArrayList<>();
    for (Class<?> next = exception; next != ApiException.class && next != KafkaException.class; next = next.getSuperclass())
      names.add('"' + next.getSimpleName() + '"');
    return names;
  }
}
