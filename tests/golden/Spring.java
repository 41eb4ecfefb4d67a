import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.DltHandler;
import org.springframework.kafka.annotation.EnableKafkaRetryTopic;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.support.serializer.ErrorHandlingDeserializer;
import org.springframework.kafka.support.serializer.JsonDeserializer;
import org.springframework.kafka.support.serializer.JsonSerializer;
import org.springframework.retry.annotation.Backoff;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.backoff.FixedBackOff;

/** Letters of Spring for Apache Kafka: by the recoverer (spring-orders-dlt), and by retry topics (spring-payments-dlt). */
public class Spring {
    static String servers;
    static final CountDownLatch dead = new CountDownLatch(1);

    public static void main(String[] args) throws Exception {
        servers = args[0];
        try (var context = new AnnotationConfigApplicationContext(Beans.class)) {
            var template = context.getBean(KafkaTemplate.class);
            send(template, "spring-orders", "order-456", "{\"type\":\"OrderPlaced\",\"orderId\":\"order-456\",\"total\":-1}");
            send(template, "spring-orders", "order-457", "no JSON");
            send(template, "spring-payments", "payment-9", "{\"type\":\"PaymentAsked\",\"paymentId\":\"payment-9\"}");
            byRecoverer();
            if (!dead.await(60, TimeUnit.SECONDS)) throw new IllegalStateException("no letter by retry topics");
        }
    }

    static void send(KafkaTemplate<byte[], byte[]> template, String topic, String key, String value) throws Exception {
        var record = new ProducerRecord<>(topic, 0, 1771237800123L, bytes(key), bytes(value));
        record.headers().add("correlation-id", bytes("corr-7"));
        template.send(record).get();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A container as applications have it: JSON, one retry, then the recoverer. */
    static void byRecoverer() throws Exception {
        var written = new CountDownLatch(2);
        Map<String, Object> client = Map.of("bootstrap.servers", servers);
        // What was no JSON goes on as the bytes that it was.
        var recoverer = new DeadLetterPublishingRecoverer(Map.of(
            byte[].class, new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(client, new StringSerializer(), new ByteArraySerializer())),
            Map.class, new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(client, new StringSerializer(), new JsonSerializer<>()))));
        recoverer.setWaitForSendResultTimeout(java.time.Duration.ofSeconds(30));
        var properties = new ContainerProperties("spring-orders");
        properties.setGroupId("billing");
        properties.setMessageListener((MessageListener<String, Map<String, Object>>) record -> {
            throw new IllegalStateException("The total of " + record.key() + " is negative");
        });
        var consumers = new DefaultKafkaConsumerFactory<String, Map<String, Object>>(
            Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new ErrorHandlingDeserializer<>(new JsonDeserializer<Map<String, Object>>(Map.class, false)));
        var container = new KafkaMessageListenerContainer<>(consumers, properties);
        container.setCommonErrorHandler(new DefaultErrorHandler((record, cause) -> {
            recoverer.accept(record, cause);
            written.countDown();
        }, new FixedBackOff(10, 1)));
        container.start();
        if (!written.await(60, TimeUnit.SECONDS)) throw new IllegalStateException("no letters by the recoverer");
        container.stop();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableKafkaRetryTopic
    public static class Beans {
        @Bean
        KafkaTemplate<byte[], byte[]> kafkaTemplate() {
            return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(Map.of("bootstrap.servers", servers),
                new ByteArraySerializer(), new ByteArraySerializer()));
        }

        @Bean
        KafkaAdmin kafkaAdmin() {
            return new KafkaAdmin(Map.of("bootstrap.servers", servers));
        }

        @Bean
        TaskScheduler taskScheduler() {
            return new ThreadPoolTaskScheduler();
        }

        @Bean
        ConsumerFactory<byte[], byte[]> consumerFactory() {
            return new DefaultKafkaConsumerFactory<>(
                Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Bean
        ConcurrentKafkaListenerContainerFactory<byte[], byte[]> kafkaListenerContainerFactory(
                ConsumerFactory<byte[], byte[]> consumers) {
            var factory = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
            factory.setConsumerFactory(consumers);
            return factory;
        }

        @Bean
        Payments payments() {
            return new Payments();
        }
    }

    public static class Payments {
        @RetryableTopic(attempts = "3", backoff = @Backoff(delay = 50), kafkaTemplate = "kafkaTemplate")
        @KafkaListener(topics = "spring-payments", groupId = "payments")
        public void listen(ConsumerRecord<byte[], byte[]> record) {
            throw new IllegalArgumentException("The bank does not know payment-9");
        }

        @DltHandler
        public void dead(ConsumerRecord<byte[], byte[]> record) {
            dead.countDown();
        }
    }
}
