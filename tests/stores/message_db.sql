-- A bank account kept by Message DB's own functions, with metadata as Eventide writes it.

SET search_path TO message_store, public;

SELECT message_store.write_message('11111111-0000-4000-8000-000000000001', 'account:command-ada', 'Open',
  '{"owner": "Ada Lovelace"}', '{"correlationStreamName": "branch-1"}');
SELECT message_store.write_message('11111111-0000-4000-8000-000000000002', 'account-ada', 'Opened',
  '{"owner": "Ada Lovelace"}', '{"causationMessageStreamName": "account:command-ada", "causationMessagePosition": 0,
    "causationMessageGlobalPosition": 1, "correlationStreamName": "branch-1"}', -1);
SELECT message_store.write_message('11111111-0000-4000-8000-000000000003', 'account-ada', 'Deposited',
  '{"amount": 1000}', NULL, 0);
SELECT message_store.write_message('11111111-0000-4000-8000-000000000004', 'account-ada', 'Withdrawn',
  '{"amount": 250}', NULL, 1);
