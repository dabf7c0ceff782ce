import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Computes the turnover per country and minute with exactly_once_v2: `Turnover BOOTSTRAP
 * APPLICATION ORDERS CUSTOMERS COUNTRIES OUTPUT STATE_FOLDER`. An order (`customer amount time`) is
 * repartitioned by customer, joined with the table of customers (the country's code) and the global
 * table of countries (its name), and summed in windows of one minute, with a standby replica of
 * each store. The program prints each state that it reaches, and runs until SIGTERM.
 */
public final class Turnover {
    /** Takes the time that an order names. Rows of tables are older than all orders. */
    public static final class OrderTime implements TimestampExtractor {
        @Override
        public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
            String[] fields = String.valueOf(record.value()).split(" ");
            return fields.length == 3 ? Long.parseLong(fields[2]) : 0;
        }
    }

    public static void main(String[] args) throws InterruptedException {
        StreamsBuilder builder = new StreamsBuilder();
        KTable<String, String> customers = builder.table(args[3]);
        GlobalKTable<String, String> countries = builder.globalTable(args[4]);
        builder.<String, String>stream(args[2])
            .selectKey((id, order) -> order.split(" ")[0])
            .repartition(Repartitioned.as("by-customer"))
            .join(customers, (order, country) -> country + " " + order.split(" ")[1])
            .join(countries, (customer, sale) -> sale.split(" ")[0], (sale, name) -> name + " " + sale.split(" ")[1])
            .groupBy((customer, sale) -> sale.split(" ")[0], Grouped.as("by-country"))
            .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofDays(1)))
            .aggregate(
                () -> 0L,
                (name, sale, sum) -> sum + Long.parseLong(sale.split(" ")[1]),
                Materialized.<String, Long, WindowStore<Bytes, byte[]>>as("turnover").withValueSerde(Serdes.Long()))
            .toStream((window, sum) -> window.key() + "@" + window.window().start())
            .mapValues(sum -> Long.toString(sum))
            .to(args[5], Produced.with(Serdes.String(), Serdes.String()));
        Properties settings = StreamsRun.settings(args[0], args[1], args[6]);
        settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 1);
        settings.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, OrderTime.class);

        StreamsRun.run(builder, settings);
    }
}
