import java.util.HashMap;
import java.util.Map;

/** What the calls of a program have returned, by their ids. */
final class Results {
    private final Map<Integer, Object> byId = new HashMap<>();

    void put(int id, Object result) {
        byId.put(id, result);
    }

    @SuppressWarnings("unchecked")
    <R> R get(int id) {
        var result = byId.get(id);
        if (result == null) throw new IllegalStateException("call " + id + " has no result");
        return (R) result;
    }
}
