import type { LagReader } from '@millrace/streaming-core/client';
import { deadLetterTopicOf } from '@millrace/streaming-core/contract';
import type { Registry } from 'prom-client';
import { figureGauge } from '../metrics/gauges.ts';
import type { Watcher } from './watcher.ts';

type Reader = Pick<LagReader, 'offsetsHeld'>;

/** Watches the dead-letter topics of all topics that this process reads. */
export interface DeadLetters {
  /** `topics` returns the topics that a group reads; empty until its handlers are known. */
  watch(reader: Reader, topics: () => readonly string[]): void;
}

export const DEAD_LETTERS = Symbol('DeadLetters');

interface DeadLettersOptions {
  readonly registry: Registry;
  readonly watcher: Watcher;
}

/**
 * Counts dead letters on the log itself. The count is right whichever process gave the messages up,
 * and survives every restart. It falls only when records leave the topic, by retention or by
 * DeleteRecords. A topic that several groups of this process read is counted once.
 */
export function createDeadLetters({ registry, watcher }: DeadLettersOptions): DeadLetters {
  const read: (() => readonly string[])[] = [];
  let found: readonly (readonly [topic: string, count: number])[] = [];
  figureGauge(registry, {
    name: 'millrace_dead_letters',
    help: 'Records on the dead-letter topics of the topics that this process reads, by topic',
    labels: ['topic'],
    figures: () => found.map(([topic, value]) => ({ labels: { topic }, value })),
  });

  const look = async (reader: Reader) => {
    const topics = new Set(read.flatMap((topicsOf) => topicsOf()).map(deadLetterTopicOf));
    found = [...(await reader.offsetsHeld([...topics]))].map(([topic, held]) => [topic, Number(held)]);
    return found.map(([topic, value]) => {
      return { alarm: 'dead_letters', place: { topic }, value } as const;
    });
  };

  return {
    watch(reader, topics) {
      read.push(topics);
      if (read.length === 1) watcher.add({ name: 'dead letters', look: () => look(reader) });
    },
  };
}
