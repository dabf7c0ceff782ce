import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { PoolClient, QueryConfig } from 'pg';
import { serialQueue } from '../runtime/index.ts';
import type { SqlRow } from './sql.ts';
import type { TransactionConnection } from './transaction.ts';

/**
 * Everything that this library changes in the driver stands in this file. With
 * `MILLRACE_SQL_PIPELINING=off`, for tests, none of it is used: each statement of a transaction, with
 * BEGIN and COMMIT, is sent after the answer to the previous one.
 */
export const isPipelining = process.env.MILLRACE_SQL_PIPELINING !== 'off';

const corked = new WeakSet<Writable>();

/**
 * Sends all statements that a connection gets in one turn of the event loop with a single write to
 * its socket. If each needed a system call, that would be the largest cost of small statements.
 */
export function sendInOneWrite(client: PoolClient): void {
  if (!isPipelining) return;
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection;
  if (corked.has(stream)) return;
  corked.add(stream);
  stream.cork();
  process.nextTick(() => {
    corked.delete(stream);
    stream.uncork();
  });
}

/** Has a name, so that each connection parses it once. */
const prepared = (text: string): QueryConfig => ({ name: text.toLowerCase(), text });

/** Begins a transaction: pipelined, or with a client that cannot pipeline statement by statement. */
export async function beginTransaction(
  client: PoolClient,
  query: TransactionConnection['query'],
): Promise<TransactionConnection> {
  return isPipelining && client.pipeline ? beginPipelined(client, query) : beginInTurn(client, query);
}

/**
 * Begins a transaction on a client that pipelines. BEGIN leaves together with the first statement,
 * and COMMIT with the last ones. If BEGIN is refused, no statement of the transaction runs, and each
 * rejects with the reason, also when the work swallows it.
 */
function beginPipelined(client: PoolClient, query: TransactionConnection['query']): TransactionConnection {
  const pipeline = syncOnce(client);
  sendInOneWrite(client);
  const begun = client.query(prepared('BEGIN'));
  begun.catch(() => undefined); // each statement reports it
  return {
    async query<Row extends SqlRow>(text: string, values: unknown[]) {
      if (!pipeline.isOpen) await begun;
      return query<Row>(text, values);
    },
    async end(statement) {
      if (!pipeline.isOpen) await begun;
      sendInOneWrite(client);
      try {
        const { command } = await client.query(prepared(statement));
        if (statement === 'COMMIT') await begun;
        return command;
      } catch (error) {
        if (!isAborted(error)) throw error;
        return (await client.query('ROLLBACK')).command; // COMMIT was skipped
      }
    },
  };
}

const isAborted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '25P02';

/** For a client that cannot pipeline, sends each statement after the answer to the previous one. */
async function beginInTurn(
  client: PoolClient,
  query: TransactionConnection['query'],
): Promise<TransactionConnection> {
  await client.query('BEGIN');
  const inTurn = serialQueue();
  return {
    query: <Row extends SqlRow>(text: string, values: unknown[]) => inTurn(() => query<Row>(text, values)),
    end: (statement) => inTurn(async () => (await client.query(statement)).command),
  };
}

/** The part of the driver's connection that this file needs. */
interface Wire extends EventEmitter {
  sync(): void;
  query(text: string): void;
}

/** The statements of one turn of the event loop. */
interface Pipeline {
  /** Whether a statement that is sent now belongs to it. */
  readonly isOpen: boolean;
}

interface WirePipeline extends Pipeline {
  open(): void;
}

const pipelines = new WeakMap<Wire, WirePipeline>();

/**
 * Sends the statements of this turn of the event loop with one Sync behind them instead of one
 * behind each: after an error PostgreSQL then skips the others, so none of them runs if BEGIN, the
 * first, is refused (PostgreSQL, message flow, pipelining). Answers come together. A statement that
 * was skipped rejects with the error of BEGIN or of the connection, or else as one in an aborted
 * transaction. Call it before the first statement, with no other under way.
 */
function syncOnce(client: PoolClient): Pipeline {
  const wire = (client as unknown as { readonly connection: Wire }).connection;
  const known = pipelines.get(wire) ?? pipelineOf(wire);
  pipelines.set(wire, known);
  known.open();
  return known;
}

function pipelineOf(wire: Wire): WirePipeline {
  const sync = wire.sync.bind(wire);
  const query = wire.query.bind(wire);
  let isOpen = false;
  /** The statements of the pipeline, or 0 once all are answered. */
  let sent = 0;
  let answered = 0;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    if (sent > 0) sync();
  };
  // The driver waits for this after each statement. PostgreSQL says it after the last one only.
  const ready = () => wire.emit('readyForQuery', { status: 'T' });
  const onAnswer = () => {
    if (sent === 0) return;
    answered += 1;
    if (answered < sent) ready();
    else sent = 0;
  };
  const onRefusal = (error: { readonly severity?: string }) => {
    if (sent === 0) return;
    const skipped = sent - answered - 1;
    const reason = answered === 0 || error.severity !== 'ERROR' ? error : undefined;
    sent = 0;
    for (let number = 0; number < skipped; number++) {
      ready();
      wire.emit('errorMessage', reason ?? consequence());
    }
  };
  wire.on('commandComplete', onAnswer);
  wire.on('emptyQuery', onAnswer);
  wire.on('errorMessage', onRefusal);
  wire.sync = () => {
    if (isOpen) sent += 1;
    else sync();
  };
  // A simple query brings a Sync of its own.
  wire.query = (text) => {
    close();
    query(text);
  };
  return {
    get isOpen() {
      return isOpen;
    },
    open() {
      isOpen = true;
      sent = answered = 0;
      process.nextTick(close);
    },
  };
}

/** PostgreSQL's answer to a statement that follows one that has failed. */
const consequence = (): Error =>
  Object.assign(
    new Error('current transaction is aborted, commands ignored until end of transaction block'),
    {
      code: '25P02',
    },
  );
