import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.processor.ProcessorContext;

/** Keeps no state, and turns values that end in an exclamation mark into none. */
final class MarkedValues implements ValueTransformerWithKey<String, String, String> {
    @Override
    public void init(ProcessorContext context) {}

    @Override
    public String transform(String key, String value) {
        return value == null || value.endsWith("!") ? null : key + "~" + value;
    }

    @Override
    public void close() {}
}
