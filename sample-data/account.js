// The account as a class, as articles on event sourcing write it: paste it into the reducer panel.
class Account {
  constructor() {
    this.balance = 0;
    this.history = [];
  }

  apply(event) {
    switch (event.type) {
      case "AccountOpened":
        this.owner = event.owner;
        this.balance = event.initialBalance || 0;
        break;
      case "MoneyDeposited":
        this.balance += event.amount;
        break;
      case "MoneyWithdrawn":
        this.balance -= event.amount;
        break;
    }
    this.history.push(event);
  }
}
