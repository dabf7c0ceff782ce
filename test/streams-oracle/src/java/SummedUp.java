import java.time.Duration;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Collects the values of each key, and every ten seconds forwards and forgets them. */
final class SummedUp implements Processor<String, String, String, String> {
    private final PunctuationType type;
    private final String store;
    private final UnaryOperator<String> checked;
    private ProcessorContext<String, String> context;
    private KeyValueStore<String, String> sums;

    SummedUp(PunctuationType type, String store) {
        this(type, store, UnaryOperator.identity());
    }

    SummedUp(PunctuationType type, String store, UnaryOperator<String> checked) {
        this.type = type;
        this.store = store;
        this.checked = checked;
    }

    @Override
    public void init(ProcessorContext<String, String> context) {
        this.context = context;
        sums = context.getStateStore(store);
        context.schedule(Duration.ofSeconds(10), type, this::forwardAll);
    }

    @Override
    public void process(Record<String, String> record) {
        if (record.key() == null) return;
        String before = sums.get(record.key());
        sums.put(record.key(), AggregationCases.tail((before == null ? "" : before) + record.value()));
        if ("now!".equals(record.value())) context.forward(record.withValue("now at " + context.currentStreamTimeMs()));
    }

    private void forwardAll(long now) {
        try (var all = sums.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                context.forward(new Record<>(entry.key, checked.apply(entry.value) + "@" + now, now));
                sums.delete(entry.key);
            }
        }
    }
}
