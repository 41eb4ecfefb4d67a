// A bank account kept by Axon Framework in PostgreSQL, by its own commands, and a letter of its dead-letter queue.
// The second argument says how payloads are written: json (Jackson) or xml (XStream, Axon's default).

import com.thoughtworks.xstream.XStream;
import java.sql.DriverManager;
import java.util.Map;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.deadletter.jdbc.GenericDeadLetterTableFactory;
import org.axonframework.eventhandling.deadletter.jdbc.JdbcSequencedDeadLetterQueue;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.PostgresEventTableFactory;
import org.axonframework.messaging.deadletter.GenericDeadLetter;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.serialization.xml.XStreamSerializer;

public class Axon {
  public record OpenAccount(@TargetAggregateIdentifier String id, String owner) {}

  public record Deposit(@TargetAggregateIdentifier String id, long amount) {}

  public record Withdraw(@TargetAggregateIdentifier String id, long amount) {}

  public static class AccountOpened {
    public String id;
    public String owner;
  }

  public static class MoneyMoved {
    public String id;
    public long amount;
  }

  public static class MoneyDeposited extends MoneyMoved {}

  public static class MoneyWithdrawn extends MoneyMoved {}

  public static class Account {
    @AggregateIdentifier private String id;
    private long balance;

    public Account() {}

    @CommandHandler
    public Account(OpenAccount command) {
      var event = new AccountOpened();
      event.id = command.id();
      event.owner = command.owner();
      AggregateLifecycle.apply(event);
    }

    @CommandHandler
    public void handle(Deposit command) {
      AggregateLifecycle.apply(moved(new MoneyDeposited(), command.amount()));
    }

    @CommandHandler
    public void handle(Withdraw command) {
      if (command.amount() > balance) throw new IllegalStateException("not enough money");
      AggregateLifecycle.apply(moved(new MoneyWithdrawn(), command.amount()));
    }

    private MoneyMoved moved(MoneyMoved event, long amount) {
      event.id = id;
      event.amount = amount;
      return event;
    }

    @EventSourcingHandler
    public void on(AccountOpened event) {
      id = event.id;
    }

    @EventSourcingHandler
    public void on(MoneyDeposited event) {
      balance += event.amount;
    }

    @EventSourcingHandler
    public void on(MoneyWithdrawn event) {
      balance -= event.amount;
    }
  }

  private static Serializer xml() {
    var stream = new XStream();
    stream.allowTypesByWildcard(new String[] {"Axon$*", "org.axonframework.**"});
    return XStreamSerializer.builder().xStream(stream).build();
  }

  public static void main(String[] args) {
    ConnectionProvider connections = () -> DriverManager.getConnection(args[0]);
    Serializer serializer = args[1].equals("xml") ? xml() : JacksonSerializer.defaultSerializer();
    var engine = JdbcEventStorageEngine.builder()
        .snapshotSerializer(serializer)
        .eventSerializer(serializer)
        .connectionProvider(connections)
        .transactionManager(NoTransactionManager.INSTANCE)
        .build();
    engine.createSchema(PostgresEventTableFactory.INSTANCE);
    var axon = DefaultConfigurer.defaultConfiguration(false)
        .configureAggregate(Account.class)
        .configureSerializer(configuration -> serializer)
        .configureEmbeddedEventStore(configuration -> engine)
        .start();
    var commands = axon.commandGateway();
    commands.sendAndWait(new OpenAccount("ada", "Ada Lovelace"));
    commands.sendAndWait(new Deposit("ada", 1000));
    commands.sendAndWait(new Withdraw("ada", 250));
    commands.sendAndWait(new OpenAccount("grace", "Grace Hopper"));
    axon.shutdown();

    JdbcSequencedDeadLetterQueue<EventMessage<?>> letters = JdbcSequencedDeadLetterQueue.builder()
        .processingGroup("statements")
        .connectionProvider(connections)
        .transactionManager(NoTransactionManager.INSTANCE)
        .genericSerializer(serializer)
        .eventSerializer(serializer)
        .build();
    letters.createSchema(new GenericDeadLetterTableFactory() {
      // The library's own makes columns of types that PostgreSQL lacks.
      @Override
      protected String serializedDataType() {
        return "BYTEA";
      }

      @Override
      protected String timestampType() {
        return "VARCHAR(255)";
      }
    });
    var event = new MoneyWithdrawn();
    event.id = "ada";
    event.amount = 250;
    var message = new GenericDomainEventMessage<>("Account", "ada", 2, event, Map.of("traceId", "transfer-1"));
    var why = new IllegalStateException("no printer for account ada");
    letters.enqueue("ada", new GenericDeadLetter<>("ada", message, why));
  }
}
