import { postgresEventStore, eventSourcingMigrations, lockStreams } from '@millrace/event-sourcing';
import type { MessageContext, OwnedPartition } from '@millrace/streaming-core/consumer';
import type { Message, MessageDeclaration, MessageType } from '@millrace/streaming-core/contract';
import type { Clock, Logger } from '@millrace/streaming-core/runtime';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import {
  migrate,
  type SqlDatabase,
  type SqlTransaction,
  streamingCoreMigrations,
} from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { within } from '@millrace/testing/within';
import { sagaStream, type SagaDefinition } from '../definition/definition.ts';
import { trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import { sagaMigrations } from '../errors.ts';
import type { SagaEngineOptions } from './options.ts';
import { createSagaEngine, type SagaEngine } from './saga-engine.ts';

/** A command as the outbox stores it. */
export interface SentCommand {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly type: string;
  readonly correlationid: string;
  readonly causationid: string;
  readonly payload: Message;
}

export interface Delivery {
  readonly declaration: MessageDeclaration;
  readonly key: string;
  readonly fields?: object;
  readonly about?: Partial<MessageContext>;
}

/**
 * A clock that a test moves by hand. `after` always waits 5 ms, so the driver's loop never sleeps
 * for long.
 */
function handClock(start = Date.parse('2026-03-01T12:00:00Z')) {
  let now = start;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(_span, work) {
      const timer = setTimeout(work, 5);
      return () => clearTimeout(timer);
    },
  };
  return { clock, advance: (spanMs: number) => void (now += spanMs), now: () => now };
}

export const partition = 3;
let trips = 0;
export const newTrip = () => `trip-${Date.now().toString(36)}-${++trips}`;

/**
 * Opens a database with every table that a saga needs, and a real event store and outbox on it. The
 * test itself delivers the messages and grants the ownership of partitions.
 */
export async function openSagaWorld() {
  const database = await createTestDatabase();
  await migrate(database.sql, [
    { library: 'streaming-core', folder: streamingCoreMigrations },
    { library: 'event-sourcing', folder: eventSourcingMigrations },
    { library: 'saga', folder: sagaMigrations },
  ]);
  await database.sql.query('CREATE TABLE guest (trip text PRIMARY KEY, name text NOT NULL)');
  return worldOn(database);
}

export type SagaWorld = Awaited<ReturnType<typeof openSagaWorld>>;

/** The same tables and the same clock, used through one session of a schedule. */
export const throughSession = ({ database, time }: SagaWorld, sql: SqlDatabase): SagaWorld =>
  worldOn({ ...database, sql }, time);

function worldOn(database: TestDatabase, time = handClock()) {
  const warnings: string[] = [];
  const note = (_: object, message: string) => void warnings.push(message);
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };

  async function personal(transaction: SqlTransaction, sagaId: string): Promise<unknown> {
    const { rows } = await transaction.query<{ name: string }>('SELECT name FROM guest WHERE trip = $1', [
      sagaId,
    ]);
    return { guest: rows[0]?.name };
  }

  const world = {
    database,
    time,
    warnings,
    close: () => database.drop(),
    engine: (options: Partial<SagaEngineOptions> = {}) =>
      createSagaEngine({
        definitions: [trip],
        store: postgresEventStore(),
        appendToOutbox,
        database: database.sql,
        personal,
        source: '/millrace/trips',
        clock: time.clock,
        newId: v7,
        logger,
        ...options,
      }),
    /** Hands a message to its handler as the consumer runtime does. */
    async deliver(
      engine: SagaEngine,
      declaration: MessageDeclaration,
      key: string,
      fields: object = {},
      about: Partial<MessageContext> = {},
      through?: (transaction: SqlTransaction) => SqlTransaction,
    ) {
      const [id] = await world.deliverAll(engine, [{ declaration, key, fields, about }], through);
      return id!;
    },
    /**
     * Delivers a batch of messages in one transaction and one unit of work, with all streams locked
     * first. Returns the ids of the messages.
     */
    async deliverAll(
      engine: SagaEngine,
      messages: readonly Delivery[],
      through = (transaction: SqlTransaction) => transaction,
    ) {
      const batch = messages.map(({ declaration, key, fields = {}, about = {} }) => {
        const handler = engine.handlers.find(({ message }) => message.type === declaration.type);
        if (handler === undefined) throw new Error(`no handler for ${declaration.type}`);
        const message = (declaration as unknown as MessageType)({ tripId: key, ...fields });
        const attributes = {
          id: v7(),
          source: '/millrace/test',
          type: declaration.type,
          time: new Date(time.now()).toISOString(),
          subject: key,
        };
        const story = { dataSchema: '', correlationId: `story-${key}`, causationId: 'request' };
        return {
          handler,
          message,
          context: {
            ...attributes,
            ...story,
            topic: declaration.topic.name,
            partition,
            offset: 0n,
            key,
            ...about,
          },
        };
      });
      await database.sql.transaction(async (opened) => {
        const transaction = through(opened);
        await lockStreams(
          transaction,
          batch.flatMap(({ handler, message, context }) => handler.locks?.(message, context) ?? []),
        );
        await transaction.unitOfWork(async () => {
          for (const { handler, message, context } of batch)
            await handler.handle(message, { ...context, transaction });
        });
      });
      for (const { handler, message, context } of batch) handler.committed?.(message, context);
      return batch.map(({ context }) => context.id);
    },
    async start(engine: SagaEngine, sagaId = newTrip(), about: Partial<MessageContext> = {}) {
      await database.sql.query('INSERT INTO guest VALUES ($1, $2)', [sagaId, 'Ada Lovelace']);
      await world.deliver(engine, tripEvents.TripAsked, sagaId, { city: 'Rome' }, about);
      return sagaId;
    },
    /**
     * Writes the start message as a service does whose saga starts locally. Resolves to the id that
     * the message will have on the log.
     */
    async write(engine: SagaEngine, sagaId: string, fields: object = {}) {
      const id = v7();
      await database.sql.query('INSERT INTO guest VALUES ($1, $2) ON CONFLICT DO NOTHING', [sagaId, 'Ada']);
      const message = tripEvents.TripAsked({ tripId: sagaId, city: 'Rome', ...fields });
      const attributes = {
        id,
        source: '/millrace/trips',
        type: message.type,
        time: new Date(time.now()).toISOString(),
        subject: sagaId,
        dataSchema: '',
        correlationId: `story-${sagaId}`,
        causationId: 'request',
      };
      await database.sql.transaction((transaction) =>
        transaction.unitOfWork(async () => {
          const messages = [{ topic: tripEvents.declaration.name, key: sagaId, message, attributes }];
          await appendToOutbox(transaction, messages);
          await engine.startFrom(transaction, messages);
        }),
      );
      return { id };
    },
    /** Answers the latest command of a type, as its participant would. */
    async answer(
      engine: SagaEngine,
      sagaId: string,
      command: string,
      declaration: MessageDeclaration,
      fields: object = {},
    ) {
      const sent = (await world.sent(sagaId)).findLast(({ type }) => type === command);
      if (sent === undefined) throw new Error(`${command} was never sent`);
      return world.deliver(engine, declaration, sagaId, fields, { causationId: sent.id });
    },
    async sent(sagaId: string): Promise<SentCommand[]> {
      const { rows } = await database.sql.query<Omit<SentCommand, 'payload'> & { payload: string }>(
        'SELECT id, topic, key, type, correlationid, causationid, payload FROM outbox WHERE key = $1 ORDER BY position',
        [sagaId],
      );
      return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as Message }));
    },
    sends: (sagaId: string, count: number) =>
      until(async () => (await world.sent(sagaId)).length === count, `${count} messages of ${sagaId}`),
    sentTypes: async (sagaId: string) => (await world.sent(sagaId)).map(({ type }) => type),
    inspect: (engine: SagaEngine, sagaId: string, definition = 'trip') =>
      engine.inspect(database.sql, { definition, sagaId }),
    async dueAt(sagaId: string): Promise<number[]> {
      const { rows } = await database.sql.query<{ due_at: Date }>(
        'SELECT due_at FROM saga_timer WHERE saga_id = $1',
        [sagaId],
      );
      return rows.map(({ due_at }) => due_at.getTime());
    },
    /** Reads the saga's own stream. */
    historyOf: async (sagaId: string) =>
      (await postgresEventStore().read(database.sql, sagaStream('trip', sagaId))).map(({ event }) => event),
    /** A start partition that this process owns, from the engine's point of view. */
    owned(
      answers: { caughtUp?: () => Promise<boolean>; parked?: () => readonly string[] } = {},
    ): OwnedPartition & { asked: (readonly string[])[] } {
      const asked: (readonly string[])[] = [];
      return {
        topic: tripEvents.declaration.name,
        partition,
        epoch: 1n,
        asked,
        async caughtUpTo(topics) {
          asked.push(topics);
          return ((await answers.caughtUp?.()) ?? true) ? time.clock.now() : -Infinity;
        },
        async parkedAmong(_topics, keys) {
          const parked = answers.parked?.() ?? [];
          return new Set(keys.filter((key) => parked.includes(key)));
        },
        transaction: (work) =>
          database.sql.transaction((transaction) => transaction.unitOfWork(() => work(transaction))),
      };
    },
  };
  return world;
}

/** Another version of the sample definition. */
export const tripVersion = (version: number): SagaDefinition => ({ ...trip, version });

export const until = within(20_000);
