import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;

/**
 * Starts and stops applications in one JVM, for ExchangeApps BOOTSTRAP_SERVER. A line `start APPLICATION FOLDER`
 * is answered once every task runs, and `stop APPLICATION` once the application has left its group.
 */
public final class ExchangeApps {
    private static final Map<String, KafkaStreams> RUNNING = new HashMap<>();

    private ExchangeApps() {}

    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            var words = line.split(" ");
            if (words[0].equals("start")) start(args[0], words[1], words[2]);
            else stop(words[1]);
            System.out.println("done");
        }
        System.exit(0);
    }

    private static void start(String bootstrapServer, String application, String folder) throws Exception {
        var settings = new Properties();
        settings.put("application.id", application);
        settings.put("bootstrap.servers", bootstrapServer);
        settings.put("state.dir", folder);
        settings.put("processing.guarantee", "exactly_once_v2");
        settings.put("statestore.cache.max.bytes", 0);
        settings.put("replication.factor", 1);
        var streams = new KafkaStreams(ExchangeTopology.of(application), settings);
        var running = new CountDownLatch(1);
        streams.setStateListener((state, before) -> {
            if (state == State.RUNNING) running.countDown();
            if (state == State.ERROR) System.exit(1);
        });
        streams.start();
        running.await();
        RUNNING.put(application, streams);
    }

    private static void stop(String application) {
        RUNNING.remove(application)
            .close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }
}
