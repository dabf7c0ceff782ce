import { afterEach, describe, expect, it } from '@jest/globals';
import { alive, LiveAnswers, type LiveMessage } from '@millrace/service-chassis/http';
import type { FetchedRecord, FetchPosition } from '@millrace/streaming-core/client';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { TestResponse } from '@millrace/testing/test-response';
import { until } from '@millrace/testing/within';
import { LiveLines } from './live-lines.ts';

/** A topic with one partition, whose reader waits for the lines that a test appends. */
class TestTopic {
  readonly #lines: string[] = [];
  reads = 0;

  append(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  identify = () => Promise.resolve(new Map([['logs', { clusterId: 'c', topicId: 't', partitions: 1 }]]));
  endOffsets = () => Promise.resolve([{ topic: 'logs', partition: 0, offset: BigInt(this.#lines.length) }]);
  fetch = async ([position]: readonly FetchPosition[]) => {
    this.reads += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { offset } = position!;
    const end = BigInt(this.#lines.length);
    const records = this.#lines.slice(Number(offset)).map((line, index): FetchedRecord => ({
      topic: 'logs',
      partition: 0,
      offset: offset + BigInt(index),
      timestampMs: 0,
      key: null,
      value: Buffer.from(line),
      headers: new Map(),
      headerList: [],
    }));
    return [{ topic: 'logs', partition: 0, records, nextOffset: end, highWatermark: end }];
  };
}

const opened: LiveAnswers[] = [];
afterEach(() => {
  for (const answers of opened.splice(0)) answers.stop();
});

function liveLines({ liveEventsMax = 10, liveEventsStallMsMax = 10_000 } = {}) {
  const topic = new TestTopic();
  const limits = {
    liveEventsMax,
    liveEventsStallMsMax,
    liveEventsHeartbeatMs: 5_000,
    liveEventsLifetimeMs: 60_000,
  };
  const answers = new LiveAnswers({ limits, logger: silentLogger, heartbeat: alive });
  opened.push(answers);
  const live = new LiveLines({ reader: topic, answers, clock: systemClock, logger: silentLogger });
  return {
    topic,
    follow(filter: Parameters<LiveLines['follow']>[0] = {}) {
      const response = new TestResponse();
      const messages: LiveMessage[] = [];
      answers.enter(response.raw);
      const following = live.follow(filter, response.raw);
      const subscription = following.subscribe((message) => messages.push(message));
      response.once('close', () => subscription.unsubscribe());
      return { response, messages };
    },
  };
}

const reading = (topic: TestTopic) =>
  until(
    () => topic.reads,
    (reads) => reads > 0,
  );

/** The lines of each message after the snapshot, and how many were left out. */
const said = (messages: readonly LiveMessage[]) =>
  messages.slice(1).map(({ data }) => {
    const { lines, dropped } = data as { lines: readonly { message: string }[]; dropped: number };
    return { lines: lines.map(({ message }) => message), dropped };
  });

describe('a client of the live lines', () => {
  it('gets those that arrive and that its filter wants', async () => {
    const { topic, follow } = liveLines();
    topic.append('before');
    const { messages } = follow({ q: 'Two "or' });
    await reading(topic);
    topic.append('one', 'two or three');
    await until(
      () => said(messages),
      ({ length }) => length > 0,
    );
    expect(messages[0]).toEqual({ type: 'snapshot', data: { lines: [], dropped: 0 } });
    expect(said(messages)).toEqual([{ lines: ['two or three'], dropped: 0 }]);
  });

  it('gets the newest of many if it reads slowly, and is told how many it has missed', async () => {
    const { topic, follow } = liveLines();
    const { response, messages } = follow();
    const other = follow();
    await reading(topic);
    topic.append('first');
    await until(
      () => said(messages),
      ({ length }) => length === 1,
    );
    response.isFull = true;
    topic.append(...Array.from({ length: 1_000 }, (_, index) => `line ${index}`));
    await until(
      () => said(other.messages).at(-1)?.lines.at(-1),
      (line) => line === 'line 999',
    );
    expect(said(messages)).toHaveLength(1);

    response.isFull = false;
    response.emit('drain');
    await until(
      () => said(messages),
      ({ length }) => length === 2,
    );
    const { lines, dropped } = said(messages)[1]!;
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)).toBe('line 999');
    expect(dropped).toBe(800);
  });

  it('is disconnected if it reads nothing', async () => {
    const { topic, follow } = liveLines({ liveEventsStallMsMax: 20 });
    const { response } = follow();
    await reading(topic);
    response.isFull = true;
    topic.append('one');
    await until(
      () => response.isDestroyed,
      (isDestroyed) => isDestroyed,
    );
  });

  it('is refused over the limit, until another one leaves, and the last one ends the reading', async () => {
    const { topic, follow } = liveLines({ liveEventsMax: 1 });
    const { response } = follow();
    expect(() => follow()).toThrow(expect.objectContaining({ code: 'too_many_live_events' }));
    await reading(topic);
    response.destroy();
    expect(follow).not.toThrow();
  });
});
