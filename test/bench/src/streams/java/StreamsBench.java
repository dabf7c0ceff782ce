import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Runs one topology: StreamsBench TOPOLOGY OUTPUT NAME=VALUE... with Kafka Streams' own settings. It prints a
 * line of JSON when state is restored and when every task runs, and ends when its standard input ends.
 */
public final class StreamsBench {
    private StreamsBench() {}

    public static void main(String[] args) throws Exception {
        var settings = new Properties();
        Arrays.stream(args).skip(2).map(arg -> arg.split("=", 2)).forEach(pair -> settings.put(pair[0], pair[1]));
        var streams = new KafkaStreams(Topologies.build(args[0], args[1]), settings);
        var restored = new Restored();
        var running = new AtomicBoolean();
        streams.setGlobalStateRestoreListener(restored);
        streams.setStateListener((state, before) -> {
            if (state == State.RUNNING && running.compareAndSet(false, true)) {
                print("running", restored.records.get());
            }
            if (state == State.ERROR) System.exit(1);
        });
        streams.start();
        while (System.in.read() >= 0) {}
        streams.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
        System.exit(0);
    }

    private static void print(String event, long records) {
        System.out.println(
            "{\"event\":\"" + event + "\",\"atMs\":" + System.currentTimeMillis() + ",\"restored\":" + records + "}");
    }

    /** Counts restored records, and tells when the first of them is asked for. */
    private static final class Restored implements StateRestoreListener {
        private final AtomicLong records = new AtomicLong();
        private final AtomicBoolean begun = new AtomicBoolean();

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            if (begun.compareAndSet(false, true)) print("restoring", 0);
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long offset, long count) {
            records.addAndGet(count);
        }

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long total) {}
    }
}
