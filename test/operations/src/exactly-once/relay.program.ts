import { connectGroupOffsets, connectProducer } from '@millrace/streaming-core/client';
import { connectRelayTransactions, createRelay, type Delivery } from '@millrace/streaming-core/outbox';
import { pgDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import pg from 'pg';

export interface RelayTask {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  readonly holder: string;
  readonly delivery: Delivery;
}

/** Relays an outbox until it is killed or its parent is gone. */
process.on('disconnect', () => process.exit());
const { bootstrapServers, databaseUrl, holder, delivery } = JSON.parse(process.argv[2] ?? '{}') as RelayTask;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
pool.on('error', () => undefined); // the test kills the database
const connection = {
  bootstrapServers: [bootstrapServers],
  clientId: `relay-${holder}`,
  logger: silentLogger,
  retryDelayMsMax: 100,
};
const relay = createRelay({
  database: pgDatabase(pool),
  holder,
  delivery,
  producer: connectProducer(connection),
  marks: connectGroupOffsets({ ...connection, groupId: 'order-relay' }),
  transactions: connectRelayTransactions({
    ...connection,
    transactionalId: 'order-relay',
    cursorTopic: 'order-relay-cursor',
  }),
  limits: {
    batchRowsMax: 20,
    leaseMs: 1_000,
    renewEveryMs: 300,
    competeEveryMs: 50,
    pollDelayMsMax: 20,
    retryDelayMsMax: 100,
    markDelayMs: 50,
  },
});
relay.start();
process.send?.('ready');
