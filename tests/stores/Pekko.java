// A bank account kept by Pekko persistence in PostgreSQL: typed behaviours, events written by Jackson as JSON or CBOR
// (the second argument), a snapshot after each second event.

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.jdbc.testkit.javadsl.SchemaUtils;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;

public class Pekko {
  /** What Jackson is told to write. */
  public interface Stored {}

  public record Opened(@JsonProperty("owner") String owner) implements Stored {}

  public record Moved(@JsonProperty("amount") long amount) implements Stored {}

  public record State(@JsonProperty("balance") long balance) implements Stored {}

  record Command(Stored event, ActorRef<Done> replyTo) {}

  static class Account extends EventSourcedBehavior<Command, Stored, State> {
    Account(String id) {
      super(PersistenceId.of("Account", id));
    }

    @Override
    public State emptyState() {
      return new State(0);
    }

    @Override
    public CommandHandler<Command, Stored, State> commandHandler() {
      return newCommandHandlerBuilder().forAnyState().onAnyCommand(
          command -> Effect().persist(command.event()).thenReply(command.replyTo(), state -> Done.getInstance()));
    }

    @Override
    public EventHandler<State, Stored> eventHandler() {
      return newEventHandlerBuilder().forAnyState()
          .onEvent(Moved.class, (state, moved) -> new State(state.balance() + moved.amount()))
          .onAnyEvent((state, event) -> state);
    }

    @Override
    public RetentionCriteria retentionCriteria() {
      return RetentionCriteria.snapshotEvery(2, 5);
    }
  }

  public static void main(String[] args) throws Exception {
    var config = ConfigFactory.parseString(String.join("\n",
        "pekko.loglevel = ERROR",
        "pekko.persistence.journal.plugin = jdbc-journal",
        "pekko.persistence.snapshot-store.plugin = jdbc-snapshot-store",
        "pekko.actor.serialization-bindings { \"Pekko$Stored\" = jackson-" + args[1] + " }",
        "pekko-persistence-jdbc.shared-databases.slick {",
        "  profile = \"slick.jdbc.PostgresProfile$\"",
        "  db { url = \"" + args[0] + "\", driver = org.postgresql.Driver, numThreads = 2, maxConnections = 2, minConnections = 1 }",
        "}",
        "jdbc-journal.use-shared-db = slick",
        "jdbc-snapshot-store.use-shared-db = slick",
        "jdbc-read-journal.use-shared-db = slick"));
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), "bank", config.withFallback(ConfigFactory.load()));
    SchemaUtils.createIfNotExists(system).toCompletableFuture().get();
    Object[][] story = {
      {"ada", new Opened("Ada Lovelace"), new Moved(1000), new Moved(-250), new Moved(100)},
      {"grace", new Opened("Grace Hopper")},
    };
    for (Object[] account : story) {
      Behavior<Command> behavior = new Account((String) account[0]);
      var actor = system.systemActorOf(behavior, (String) account[0], org.apache.pekko.actor.typed.Props.empty());
      for (int i = 1; i < account.length; i++) {
        var event = (Stored) account[i];
        AskPattern.<Command, Done>ask(actor, reply -> new Command(event, reply), Duration.ofSeconds(20), system.scheduler())
            .toCompletableFuture().get();
      }
    }
    // Snapshots are written beside the events.
    Thread.sleep(1000);
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get();
  }
}
