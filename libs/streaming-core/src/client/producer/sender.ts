import type { DurationMs } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import { findLeader, type ClusterBroker, type TopicLookup } from '../connection/topic-lookup.ts';
import { BrokerLane, holdBack, type LaneSettings, type Look, type Pipeline } from './broker-lane.ts';
import type { PipelineHooks } from './batch-queue.ts';
import { missingReason } from './partition-counts.ts';
import { PartitionPipeline } from './partition-pipeline.ts';
import type { PendingSend } from './pending-send.ts';
import type { ProducerSession } from './producer-ids.ts';
import type { EncodedRecord } from './record-encoding.ts';

export interface SenderSettings extends LaneSettings {
  readonly unknownTopicTimeoutMs: DurationMs;
}

export interface SenderHooks extends PipelineHooks {
  /** Returns true while batches are to be sent without waiting for more records. */
  isUrgent(): boolean;
}

/**
 * Sends the batches of all partitions to their leaders. Whatever may make a batch due (records, an
 * answer, a connection, metadata, time) wakes it, and it then looks at every partition that has
 * batches.
 */
export class Sender {
  readonly #settings: SenderSettings;
  readonly #brokers: BrokerClient;
  readonly #hooks: SenderHooks;
  readonly #session: ProducerSession;
  readonly #pipelines = new Map<string, Pipeline[]>();
  readonly #active = new Set<Pipeline>();
  readonly #lanes = new Map<number, BrokerLane>();
  #awake = false;
  #asking = false;
  #identifying = false;
  #admitting = false;
  #alarm: { readonly at: number; cancel(): void } | undefined;

  constructor(settings: SenderSettings, brokers: BrokerClient, session: ProducerSession, hooks: SenderHooks) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#hooks = hooks;
    this.#session = session;
  }

  /** Copies records of a call into the batches of these partitions, which are in the same order. */
  append(records: readonly EncodedRecord[], partitions: readonly number[], send: PendingSend): void {
    const now = this.#settings.clock.monotonic();
    records.forEach((record, position) => {
      const pipeline = this.#pipelineOf(record.topic, partitions[position]!);
      pipeline.append(record, send, now);
      this.#active.add(pipeline);
    });
    this.wake();
  }

  /** Removes the records of a call that were not sent yet, and returns how many they are. */
  withdraw(send: PendingSend): number {
    return [...this.#active].reduce((count, pipeline) => count + pipeline.withdraw(send), 0);
  }

  /** Gives up every batch that was not sent yet. */
  discardUnsent(reason: ClientError): void {
    for (const pipeline of this.#active)
      for (const batch of [...pipeline.waiting])
        if (batch.takenAt === undefined) pipeline.giveUp(batch, reason);
  }

  /** Gives up everything that has no outcome. */
  close(reason: ClientError): void {
    for (const pipeline of this.#active)
      for (const batch of [...pipeline.waiting]) pipeline.giveUp(batch, reason);
    this.#alarm?.cancel();
  }

  /** Looks at all batches at the end of this turn, so that its records share them. */
  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    queueMicrotask(() => {
      this.#awake = false;
      this.#look();
    });
  }

  #newLook(): Look {
    return { now: this.#settings.clock.monotonic(), urgent: this.#hooks.isUrgent() };
  }

  #look(): void {
    const look = this.#newLook();
    const { now, urgent } = look;
    const unplaced = new Set<string>();
    const unadmitted: Pipeline[] = [];
    const leaders = new Map<number, ClusterBroker>();
    let wakeAt = Infinity;
    for (const pipeline of this.#active) {
      if (pipeline.expire(now)) pipeline.route?.connection.close();
      if (pipeline.isIdle) this.#active.delete(pipeline);
      const dueAt = pipeline.dueAt(urgent);
      wakeAt = Math.min(wakeAt, pipeline.deadline, dueAt > now ? dueAt : Infinity);
      if (dueAt > now) continue;
      const leader = this.#brokers.topics.leader(pipeline, now);
      if (!this.#session.admits(pipeline)) unadmitted.push(pipeline);
      else if (leader) leaders.set(leader.nodeId, leader);
      else unplaced.add(pipeline.topic);
    }
    if (unplaced.size > 0 && !this.#asking) void this.#ask([...unplaced]);
    if (unadmitted.length > 0 && !this.#admitting) void this.#admit(unadmitted);
    for (const leader of leaders.values()) this.#laneOf(leader).serve(leader, look);
    // A batch may just have used up the identity.
    if (leaders.size > 0 && this.#settings.idempotence && !this.#session.identity && !this.#identifying)
      void this.#identify();
    this.#wakeAt(wakeAt, now);
  }

  #wakeAt(at: number, now: number): void {
    if (at === Infinity || (this.#alarm && this.#alarm.at <= at)) return;
    this.#alarm?.cancel();
    const ring = () => {
      this.#alarm = undefined;
      this.wake();
    };
    this.#alarm = { at, cancel: this.#settings.clock.after(Math.max(0, Math.ceil(at - now)), ring) };
  }

  #pipelineOf(topic: string, partition: number): Pipeline {
    const pipelines = this.#pipelines.get(topic) ?? [];
    const known = pipelines[partition];
    if (known) return known;
    const at = { topic, partition };
    const pipeline = new PartitionPipeline<BrokerConnection>(at, this.#settings, this.#hooks);
    pipelines[partition] = pipeline;
    this.#pipelines.set(topic, pipelines);
    return pipeline;
  }

  #laneOf({ nodeId }: ClusterBroker): BrokerLane {
    const known = this.#lanes.get(nodeId);
    if (known) return known;
    const context = {
      brokers: this.#brokers,
      session: this.#session,
      wake: () => this.wake(),
    };
    const lane = new BrokerLane(this.#settings, context, (look) => this.#dueAt(nodeId, look));
    this.#lanes.set(nodeId, lane);
    return lane;
  }

  /** Returns the partitions that this broker leads and that have a batch to be sent. */
  #dueAt(nodeId: number, { now, urgent } = this.#newLook()): readonly Pipeline[] {
    return [...this.#active].filter((pipeline) => {
      if (pipeline.dueAt(urgent) > now || !this.#session.admits(pipeline)) return false;
      return this.#brokers.topics.leader(pipeline, now)?.nodeId === nodeId;
    });
  }

  /**
   * Handles a partition that has no leader or is missing in metadata. A new topic appears there
   * with a delay, and a recreated topic may have fewer partitions.
   */
  #miss(pipeline: Pipeline, { found }: TopicLookup): void {
    const now = this.#settings.clock.monotonic();
    const place = found.get(pipeline.topic);
    const missing = place?.partitions[pipeline.partition] === undefined;
    const reason = missingReason(pipeline, place?.partitions.length);
    for (const batch of [...pipeline.waiting]) {
      batch.missingSince = missing ? (batch.missingSince ?? now) : undefined;
      const recreated = place !== undefined && batch.topicId !== undefined && batch.topicId !== place.id;
      const waitedMs = now - (batch.missingSince ?? now);
      if (missing && (recreated || waitedMs >= this.#settings.unknownTopicTimeoutMs))
        pipeline.abandon(batch, reason);
    }
    const passing =
      reason.code === 'topic_recreated' ? new ClientError('unreachable', reason.message) : reason;
    holdBack(pipeline, passing, this.#settings);
  }

  async #ask(topics: readonly string[]): Promise<void> {
    this.#asking = true;
    const asking = () => [...this.#active].filter(({ topic }) => topics.includes(topic));
    try {
      const leaderless = topics.some((topic) => this.#brokers.topics.place(topic) !== undefined);
      const lookup = await this.#brokers.lookUpTopics(topics, leaderless);
      for (const pipeline of asking()) if (!findLeader(pipeline, lookup)) this.#miss(pipeline, lookup);
    } catch (error) {
      const reason = toClientError(error, 'sending records');
      for (const pipeline of asking()) holdBack(pipeline, reason, this.#settings);
    } finally {
      this.#asking = false;
      this.wake();
    }
  }

  async #admit(pipelines: readonly Pipeline[]): Promise<void> {
    this.#admitting = true;
    try {
      await this.#session.admit(pipelines);
    } catch (error) {
      const reason = toClientError(error, 'sending records');
      for (const pipeline of pipelines)
        for (const batch of [...pipeline.waiting]) pipeline.giveUp(batch, reason);
    } finally {
      this.#admitting = false;
      this.wake();
    }
  }

  async #identify(): Promise<void> {
    this.#identifying = true;
    try {
      await this.#session.identify();
    } catch (error) {
      const reason = toClientError(error, 'asking for a producer id');
      for (const pipeline of this.#active) holdBack(pipeline, reason, this.#settings);
    } finally {
      this.#identifying = false;
      this.wake();
    }
  }
}
