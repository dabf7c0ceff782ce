import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.processor.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/** Numbers the values of a key by means of a store of its own. */
final class NumberedValues implements ValueTransformerWithKey<String, String, String> {
    private KeyValueStore<String, Long> seen;

    @Override
    public void init(ProcessorContext context) {
        seen = context.getStateStore("seen");
    }

    @Override
    public String transform(String key, String value) {
        Long before = seen.get(key);
        long now = before == null ? 1 : before + 1;
        seen.put(key, now);
        return value == null ? null : value + "#" + now;
    }

    @Override
    public void close() {}
}
