import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;

/** Letters of Kafka Streams (KIP-1034): one that cannot be deserialised, one that fails when it is processed. */
public class Streams {
    public static void main(String[] args) throws Exception {
        var servers = args[0];
        Map<String, Object> client = Map.of("bootstrap.servers", servers);
        try (var admin = Admin.create(client)) {
            admin.createTopics(java.util.List.of(
                new NewTopic("streams-amounts", 1, (short) 1), new NewTopic("streams-letters", 1, (short) 1))).all().get();
            try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (var value : new String[] {"no number", "12345678"}) {
                    var record = new ProducerRecord<>("streams-amounts", 0, 1771237800123L, bytes("account-1"), bytes(value));
                    record.headers().add("correlation-id", bytes("corr-7"));
                    producer.send(record).get();
                }
            }
            var settings = new Properties();
            settings.putAll(Map.of(
                "application.id", "amounts",
                "bootstrap.servers", servers,
                "auto.offset.reset", "earliest",
                "state.dir", args[1],
                "deserialization.exception.handler", LogAndContinueExceptionHandler.class.getName(),
                "processing.exception.handler", LogAndContinueProcessingExceptionHandler.class.getName(),
                "errors.dead.letter.queue.topic.name", "streams-letters"));
            var builder = new StreamsBuilder();
            builder.stream("streams-amounts", Consumed.with(Serdes.String(), Serdes.Long())).foreach((key, value) -> {
                throw new ArithmeticException("The amount of " + key + " is too large");
            });
            try (var streams = new KafkaStreams(builder.build(), settings)) {
                streams.start();
                var letters = new TopicPartition("streams-letters", 0);
                for (int tries = 0; ; tries++) {
                    var ends = admin.listOffsets(Map.of(letters, OffsetSpec.latest())).all().get();
                    if (ends.get(letters).offset() >= 2) break;
                    if (tries > 300) throw new IllegalStateException("no letters by Streams");
                    TimeUnit.MILLISECONDS.sleep(200);
                }
            }
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
