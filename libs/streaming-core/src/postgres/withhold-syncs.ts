import type { EventEmitter } from 'node:events';
import type { PoolClient } from 'pg';

/** The part of the driver's connection that this file needs. */
interface Wire extends EventEmitter {
  sync(): void;
  query(text: string): void;
}

/** The statements of one turn of the event loop. */
export interface Flight {
  /** Whether a statement that is sent now belongs to it. */
  readonly isOpen: boolean;
}

interface Flights extends Flight {
  open(): void;
}

const flights = new WeakMap<Wire, Flights>();

/**
 * Sends the statements of this turn of the event loop with one Sync behind them instead of one
 * behind each: after an error PostgreSQL then skips the others, so none of them runs if BEGIN, the
 * first, is refused (PostgreSQL, message flow, pipelining). Answers come together. A statement that
 * was skipped rejects with the error of BEGIN or of the connection, or else as one in an aborted
 * transaction. Call it before the first statement, with no other under way.
 */
export function withholdSyncs(client: PoolClient): Flight {
  const wire = (client as unknown as { readonly connection: Wire }).connection;
  const known = flights.get(wire) ?? flightsOf(wire);
  flights.set(wire, known);
  known.open();
  return known;
}

function flightsOf(wire: Wire): Flights {
  const sync = wire.sync.bind(wire);
  const query = wire.query.bind(wire);
  let isOpen = false;
  /** The statements of the flight, or 0 once all are answered. */
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
