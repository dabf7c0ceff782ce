import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/** Forwards each value twice: as it is, and with the one before of its key. */
final class WithLast implements FixedKeyProcessor<String, String, String> {
    private final String store;
    private FixedKeyProcessorContext<String, String> context;
    private KeyValueStore<String, String> last;

    WithLast(String store) {
        this.store = store;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, String> context) {
        this.context = context;
        last = context.getStateStore(store);
    }

    @Override
    public void process(FixedKeyRecord<String, String> record) {
        context.forward(record);
        if (record.key() == null) return;
        context.forward(record.withValue(last.get(record.key()) + ">" + record.value()));
        last.put(record.key(), record.value());
    }
}
