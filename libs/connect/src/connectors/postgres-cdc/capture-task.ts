import { pause, type Clock } from '@millrace/streaming-core/runtime';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { SourceContext, SourceTask } from '../../plugin/task.ts';
import type { SourceRecord } from '../../record/records.ts';
import { readTypes, relationOf } from './catalog.ts';
import { connectTo, databaseError } from './connection.ts';
import { parseLsn } from './lsn.ts';
import { endOffset, snapshotOffset, toOffset, toProgress, type Position, type Progress } from './position.ts';
import { providePublication, selectTables } from './publication.ts';
import { RecordMaker } from './record-maker.ts';
import { toCaptureSettings } from './settings.ts';
import { assertUsable, dropSlot, findSlot } from './slot.ts';
import { Snapshot } from './snapshot.ts';
import { StreamStage, warnOfColumns, type StageOptions } from './stream-stage.ts';
import { nameOf, TableSelection } from './table-selection.ts';
import { TableShape } from './table-shape.ts';

/**
 * Captures the changes of a database: first a snapshot of the existing rows, then the stream of the slot.
 * Each stage begins at the stored offset, so a task resumes after any crash. It takes an interrupted snapshot
 * again from the start.
 */
export class CaptureTask implements SourceTask {
  readonly #clock: Clock;
  #options: StageOptions | undefined;
  #progress: Progress = { stage: 'none' };
  /** Whether the snapshot was announced, but the announcement is not on the log yet. */
  #announced = false;
  #snapshot: Snapshot | undefined;
  #stream: StreamStage | undefined;
  #heldSince: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async start(context: SourceContext): Promise<void> {
    const settings = toCaptureSettings(context.config);
    const maker = new RecordMaker(settings, this.#clock);
    this.#options = {
      settings,
      selection: new TableSelection(settings),
      maker,
      connection: { address: settings.database, application: `millrace-cdc:${context.connector}` },
      context,
      clock: this.#clock,
    };
    this.#progress = toProgress(await context.offsetOf(maker.sourcePartition));
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    try {
      const records = await this.#next(this.#started(), signal);
      const last = records.at(-1);
      if (last !== undefined && !this.#announced) this.#progress = toProgress(last.sourceOffset);
      return records;
    } catch (error) {
      await this.#close();
      throw databaseError(error);
    }
  }

  committed(last: SourceRecord): Promise<void> {
    this.#announced = false;
    const progress = toProgress(last.sourceOffset);
    if (progress.stage === 'stream') this.#stream?.acknowledge(progress.position);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.#close();
  }

  #started(): StageOptions {
    if (this.#options === undefined) throw new Error('the task is not started');
    return this.#options;
  }

  #next(options: StageOptions, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    switch (this.#progress.stage) {
      case 'none':
        return this.#begin(options);
      case 'snapshot':
        return this.#announced ? idle(this.#clock, signal) : this.#readSnapshot(options);
      case 'ended':
        return idle(this.#clock, signal);
      case 'stream':
        return options.settings.snapshot === 'initial_only'
          ? idle(this.#clock, signal)
          : this.#readStream(options, this.#progress.position, signal);
    }
  }

  /**
   * Announces the snapshot. After a crash, the announcement tells a slot of this connector from one that
   * somebody else has made. Without a snapshot, the first record says where the stream begins.
   */
  async #begin({
    settings,
    selection,
    connection,
    maker,
    context,
  }: StageOptions): Promise<readonly SourceRecord[]> {
    const client = await connectTo(connection);
    try {
      const { captured, internal } = await selectTables(client, selection);
      if (internal.length > 0)
        context.log('warn', 'leaves out internal tables, which a pattern does not select', {
          tables: internal.map(nameOf),
        });
      await providePublication(client, settings, captured);
      const slot = settings.snapshot === 'initial_only' ? undefined : await findSlot(client, settings.slot);
      const createsSlot = slot === undefined && settings.snapshot !== 'initial_only';
      if (createsSlot && settings.slot.startsWith(relaySlotPrefix)) throw relaySlot(settings.slot);
      if (settings.snapshot !== 'no_data') {
        if (slot !== undefined) throw foreignSlot(settings.slot);
        this.#progress = { stage: 'snapshot' };
        this.#announced = true;
        return [maker.heartbeat(snapshotOffset)];
      }
      if (slot === undefined)
        await client.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [settings.slot]);
      const usable = assertUsable(settings.slot, await findSlot(client, settings.slot));
      return [maker.heartbeat(toOffset({ lsn: parseLsn(usable.confirmed ?? usable.current), events: 0 }))];
    } finally {
      await client.end();
    }
  }

  async #readSnapshot(options: StageOptions): Promise<readonly SourceRecord[]> {
    const snapshot = (this.#snapshot ??= await beginSnapshot(options));
    const records = await snapshot.read();
    if (records !== undefined) return records;
    this.#snapshot = undefined;
    const { settings, maker, context } = options;
    const ends = settings.snapshot === 'initial_only';
    context.log(
      'info',
      ends ? 'has read the snapshot and ends' : 'has read the snapshot and follows the changes',
    );
    return [maker.heartbeat(ends ? endOffset : toOffset({ lsn: snapshot.lsn, events: 0 }))];
  }

  async #readStream(options: StageOptions, position: Position, signal: AbortSignal) {
    if (this.#stream === undefined) {
      this.#heldSince ??= this.#clock.monotonic();
      this.#stream = await StreamStage.open(
        options,
        position,
        this.#clock.monotonic() - this.#heldSince,
        signal,
      );
      if (this.#stream === undefined) return [];
      this.#heldSince = undefined;
    }
    return this.#stream.poll(signal);
  }

  async #close(): Promise<void> {
    const open = [this.#snapshot, this.#stream];
    this.#snapshot = undefined;
    this.#stream = undefined;
    await Promise.allSettled(open.map((stage) => stage?.close()));
  }
}

async function idle(clock: Clock, signal: AbortSignal): Promise<readonly SourceRecord[]> {
  await pause(clock, 200, signal);
  return [];
}

async function beginSnapshot(options: StageOptions): Promise<Snapshot> {
  const { settings, selection, connection, maker, context, clock } = options;
  const client = await connectTo(connection);
  try {
    const { captured } = await selectTables(client, selection);
    await providePublication(client, settings, captured);
    const withStream = settings.snapshot !== 'initial_only';
    // The slot is left from an earlier attempt, whose snapshot is gone.
    if (withStream && (await findSlot(client, settings.slot)) !== undefined)
      await dropSlot(client, settings.slot);
    const types = await readTypes(client);
    const shapes = captured.map(
      (table) => new TableShape(relationOf(table), table, { types, settings, selection }),
    );
    for (const shape of shapes) warnOfColumns(shape, context);
    context.log('info', 'takes a snapshot', { tables: captured.map(nameOf) });
    const log = (message: string, facts: Readonly<Record<string, unknown>>) =>
      context.log('info', message, facts);
    return await Snapshot.begin({
      connection,
      shapes,
      maker,
      clock,
      log,
      ...(withStream && { slot: settings.slot }),
    });
  } finally {
    await client.end();
  }
}

/** The relay of an outbox creates these slots once every row before them is published. */
const relaySlotPrefix = 'millrace_outbox_';

const relaySlot = (slot: string): ConnectError =>
  new ConnectError(
    `the replication slot "${slot}" does not exist, and only the relay of the outbox creates slots with such a ` +
      'name: with RELAY=cdc it gives this connector another one. For a connector of your own, set slot.name',
  );

const foreignSlot = (slot: string): ConnectError =>
  new ConnectError(
    `the replication slot "${slot}" exists, but the connector has no offset: it may belong to another program. Set ` +
      `slot.name; or SELECT pg_drop_replication_slot('${slot}') to begin with a snapshot; or set snapshot.mode to ` +
      'no_data to go on from where the slot stands',
  );
