import java.util.List;
import org.apache.kafka.streams.KeyValue;

/** The functions that programs give to the DSL. Those of `src/random/functions.ts` are the same. */
final class ProgramFunctions {
    private ProgramFunctions() {}

    static String tail(String text) {
        return AggregationCases.tail(text);
    }

    static String letter(String value) {
        return value == null || value.isEmpty() ? value : value.substring(0, 1);
    }

    static boolean isEven(String value) {
        return value != null && value.length() % 2 == 0;
    }

    static String quoted(String value) {
        return value == null ? null : tail(value + "'");
    }

    static List<String> valueAndLetter(String value) {
        return value == null ? List.of() : List.of(value, letter(value));
    }

    static KeyValue<String, String> letterAndBoth(String key, String value) {
        return KeyValue.pair(letter(value), tail(key + value));
    }

    static List<KeyValue<String, String>> bothWays(String key, String value) {
        return List.of(KeyValue.pair(key, value), KeyValue.pair(letter(value), value));
    }

    /** A value that ends in an exclamation mark deletes. Sessions reduce null, too. */
    static String reduced(String sum, String value) {
        return value != null && value.endsWith("!") ? null : tail(sum + value);
    }

    /** One value deletes. */
    static String added(String key, String value, String sum) {
        return "c".equals(value) ? null : tail(sum + value);
    }

    static String addedOther(String key, String value, String sum) {
        return tail(sum + "/" + value);
    }

    static String merged(String key, String one, String other) {
        return tail(one + "|" + other);
    }

    static String changedRow(String value) {
        return value.endsWith("!") ? null : tail(value + "+");
    }

    static KeyValue<String, String> rowByLetter(String key, String value) {
        return KeyValue.pair(letter(value), value);
    }

    static String addedRow(String sum, String value) {
        return tail(sum + value);
    }

    static String subtractedRow(String sum, String value) {
        return sum.equals(value) ? null : tail(sum + "-" + value);
    }

    static String joined(String one, String other) {
        return tail(one + "+" + other);
    }

    /** The key of the row that a value names. Joins with a global table ask for that of null, too. */
    static String foreignKey(String value) {
        return value == null || value.length() > 8 ? null : letter(value);
    }
}
