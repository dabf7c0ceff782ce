import { setTimeout as pause } from 'node:timers/promises';
import { joinAlone, leave } from './asking-members.ts';
import type { TopicAsked } from './promise-book.ts';
import type { LoadOptions } from './scripted-load.ts';
import { valuesOf } from './values.ts';

/** Writes many values for few keys, as compaction expects, and deletes some keys. */
export async function putKeys(
  { connect, random, batches, part }: LoadOptions,
  topic: TopicAsked,
): Promise<void> {
  const client = await connect();
  for (let step = 0; step < batches * 2; step += 1) {
    const entries = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => ({
      key: `key-${(step + index) % 7}`,
      value: random() < 0.2 ? null : `${part}:${step}.${index}:${'x'.repeat(Math.floor(random() * 100))}`,
    }));
    await client.put({ topic, partition: 0, entries });
    await pause(random() * 4);
  }
}

export async function produceBeyondRetention(
  { connect, random, batches, part }: LoadOptions,
  topic: TopicAsked,
): Promise<void> {
  const client = await connect();
  for (let batch = 0; batch < batches; batch += 1) {
    const values = valuesOf(`${part}-recent`, batch, random, 250);
    await client.produce({ topic, partition: 0, values, session: `${part}-recent`, acks: -1 });
    await pause(random() * 6);
  }
}

/** Writes to one partition, then to three. */
export async function growTopic({ connect, random, part }: LoadOptions): Promise<void> {
  const client = await connect();
  const topic = await client.createTopic(`grown-${part}`, 1, { configs: { 'retention.ms': '-1' } });
  const session = `${part}-grown`;
  for (const [batch, count] of [1, 2, 3].entries()) {
    await pause(random() * 20);
    if (count === 3) await client.growTopic(topic, count);
    if (topic.growth !== undefined && topic.growth.doneAt === undefined) return;
    const partition = topic.growth === undefined ? 0 : count - 1;
    await client.produce({ topic, partition, values: valuesOf(session, batch, random), session, acks: -1 });
  }
}

/** Members join a group one after the other, each with its own generation. The last one stays. */
export async function commitAsMembers(
  { connect, random, batches, part }: LoadOptions,
  { name }: TopicAsked,
): Promise<void> {
  const client = await connect();
  const group = `members-${part}`;
  for (let turn = 0; turn < batches / 8; turn += 1) {
    const member = await joinAlone(client, group, `${part}-${turn}`);
    if (member === undefined) return;
    await client.commit({ group, topic: name, partition: 0, offset: BigInt(turn), member });
    await pause(random() * 15);
    if (turn + 1 < batches / 8) await leave(client, member);
  }
}
