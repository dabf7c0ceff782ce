import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Adds a header that says where the record comes from. */
final class WithOrigin implements Processor<String, String, String, String> {
    private ProcessorContext<String, String> context;

    @Override
    public void init(ProcessorContext<String, String> context) {
        this.context = context;
    }

    @Override
    public void process(Record<String, String> record) {
        var from = context.recordMetadata().orElseThrow();
        String origin = from.topic() + "/" + from.partition() + "/" + from.offset();
        var headers = new RecordHeaders(record.headers()).add("origin", origin.getBytes(StandardCharsets.UTF_8));
        context.forward(record.withHeaders(headers));
    }
}
