// A bank account kept by Emmett, and a second one with the first in its metadata.

import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const store = getPostgreSQLEventStore(process.argv[2]);
await store.appendToStream('account-ada', [
  { type: 'AccountOpened', data: { owner: 'Ada Lovelace' } },
  { type: 'MoneyDeposited', data: { amount: 1000 } },
]);
await store.appendToStream('account-ada', [
  { type: 'MoneyWithdrawn', data: { amount: 250 }, metadata: { correlationId: 'transfer-1' } },
  { type: 'MoneyDeposited', data: { amount: 100 } },
]);
await store.appendToStream('account-grace', [{ type: 'AccountOpened', data: { owner: 'Grace Hopper' } }]);
await store.close();
