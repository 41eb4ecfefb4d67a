import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * Letters of Kafka Connect: one whose value is no JSON, two that the sink refuses, of which one failed without a
 * message. `feed` writes what the connector reads and waits for the letters; the worker is ConnectStandalone.
 */
public class Connect extends SinkConnector {
    public static void main(String[] args) throws Exception {
        Map<String, Object> client = Map.of("bootstrap.servers", args[0]);
        try (var admin = Admin.create(client)) {
            for (var topic : List.of("connect-orders", "connect-letters")) {
                try {
                    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
                } catch (ExecutionException e) {
                    // The worker, which starts at the same time, was first.
                    if (!(e.getCause() instanceof TopicExistsException)) throw e;
                }
            }
            try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (var value : new String[] {"no JSON", "{\"type\":\"OrderPlaced\",\"orderId\":\"order-456\"}", "{}"}) {
                    var record = new ProducerRecord<>("connect-orders", 0, 1771237800123L, bytes("order-456"), bytes(value));
                    record.headers().add("correlation-id", bytes("corr-7"));
                    producer.send(record).get();
                }
            }
            var letters = new TopicPartition("connect-letters", 0);
            for (int tries = 0; ; tries++) {
                var ends = admin.listOffsets(Map.of(letters, OffsetSpec.latest())).all().get();
                if (ends.get(letters).offset() >= 3) break;
                if (tries > 300) throw new IllegalStateException("no letters by Connect");
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static class Refusing extends SinkTask {
        @Override
        public void put(Collection<SinkRecord> records) {
            for (var record : records) {
                var known = ((Map<?, ?>) record.value()).get("orderId");
                var cause = known == null ? new NullPointerException() : new IllegalArgumentException("No table for " + known);
                context.errantRecordReporter().report(record, cause);
            }
        }

        @Override public void start(Map<String, String> settings) {}
        @Override public void stop() {}
        @Override public String version() { return "1"; }
    }

    @Override public void start(Map<String, String> settings) {}
    @Override public Class<? extends Task> taskClass() { return Refusing.class; }
    @Override public List<Map<String, String>> taskConfigs(int most) { return List.of(Map.of()); }
    @Override public void stop() {}
    @Override public ConfigDef config() { return new ConfigDef(); }
    @Override public String version() { return "1"; }
}
