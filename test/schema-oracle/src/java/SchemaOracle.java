import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Reads one JSON array of pairs of schemas per line, and writes what Avro Java says about each. */
public final class SchemaOracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      ArrayNode answers = JSON.createArrayNode();
      for (JsonNode pair : JSON.readTree(line)) answers.add(answer(pair));
      System.out.println(JSON.writeValueAsString(answers));
    }
  }

  private static ObjectNode answer(JsonNode pair) {
    ObjectNode answer = JSON.createObjectNode();
    Schema reader = parsed(pair.get("reader").asText());
    Schema writer = parsed(pair.get("writer").asText());
    answer.put("reader", reader == null ? null : reader.toString());
    answer.put("writer", writer == null ? null : writer.toString());
    if (reader == null || writer == null) return answer;
    try {
      compare(reader, writer, answer.putArray("found"));
    } catch (AvroRuntimeException ambiguous) {
      answer.remove("found");
      answer.put("ambiguous", true);
    }
    return answer;
  }

  private static void compare(Schema reader, Schema writer, ArrayNode found) {
    var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    for (var each : result.getIncompatibilities())
      found.addObject()
          .put("type", each.getType().name())
          .put("location", each.getLocation())
          .put("message", each.getMessage());
  }

  /** Null for a text that is not a schema. */
  private static Schema parsed(String text) {
    try {
      return new Schema.Parser().setValidateDefaults(false).parse(text);
    } catch (RuntimeException refused) {
      return null;
    }
  }
}
