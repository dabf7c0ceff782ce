import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectConsumer, connectProducer, type Admin } from '@millrace/streaming-core/client';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { resetApplication } from './reset-application.ts';

let broker: TestBroker;
let admin: Admin;
beforeAll(async () => {
  broker = await startTestBroker();
  admin = connectAdmin({ bootstrapServers: [broker.bootstrapServers], clientId: 'reset' });
});
afterAll(async () => {
  await admin.close();
  await broker.stop();
});

/** An application that has read two of the three records of its input topic. */
async function application(applicationId: string) {
  const names = {
    input: `${applicationId}-input`,
    output: `${applicationId}-output`,
    changelog: `${applicationId}-counts-changelog`,
    repartition: `${applicationId}-counts-repartition`,
  };
  await admin.topics.create(
    Object.values(names).map((name) => ({ name, partitions: 1, replicationFactor: 1 })),
  );
  await using producer = connectProducer({ bootstrapServers: [broker.bootstrapServers], clientId: 'reset' });
  for (const timestampMs of [1_000, 2_000, 3_000])
    await producer.send([{ topic: names.input, key: null, value: 'a', timestampMs }]);
  await admin.groups.commitOffsets(applicationId, [
    { topic: names.input, partition: 0, offset: 2n },
    { topic: names.repartition, partition: 0, offset: 9n },
  ]);
  const committed = async () =>
    (await admin.groups.offsets(applicationId)).map(({ topic, offset }) => ({ topic, offset }));
  const topics = async () =>
    (await admin.topics.list())
      .map(({ name }) => name)
      .filter((name) => name.startsWith(`${applicationId}-`));
  return { ...names, committed, topics };
}

describe('the reset of an application', () => {
  it('T15 moves its input to the beginning and deletes its internal topics with their offsets', async () => {
    const { input, output, changelog, repartition, committed, topics } = await application('again');

    const reset = await resetApplication(admin, { applicationId: 'again', inputTopics: [input] });

    expect(reset.offsets).toEqual([{ topic: input, partition: 0, from: 2n, to: 0n }]);
    expect([...reset.deletedTopics].sort()).toEqual([changelog, repartition]);
    expect(await committed()).toEqual([{ topic: input, offset: 0n }]);
    expect((await topics()).sort()).toEqual([input, output]);
  });

  it('can begin at a time, and delete only chosen topics', async () => {
    const { input, changelog, repartition, committed, topics } = await application('at-time');

    await resetApplication(admin, {
      applicationId: 'at-time',
      inputTopics: [input],
      internalTopics: [changelog],
      to: { mode: 'to-datetime', time: new Date(1_500) },
    });

    expect(await committed()).toEqual(expect.arrayContaining([{ topic: input, offset: 1n }]));
    expect(await topics()).toContain(repartition);
    expect(await topics()).not.toContain(changelog);
  });

  it('changes nothing in a dry run', async () => {
    const { input, committed, topics } = await application('dry');

    const reset = await resetApplication(admin, { applicationId: 'dry', inputTopics: [input], dryRun: true });

    expect(reset.offsets).toEqual([{ topic: input, partition: 0, from: 2n, to: 0n }]);
    expect(reset.deletedTopics).toHaveLength(2);
    expect(await committed()).toHaveLength(2);
    expect(await topics()).toHaveLength(4);
  });

  it('T15 is refused while the group has members', async () => {
    const { input, topics } = await application('busy');
    const member = connectConsumer({
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'busy',
      groupId: 'busy',
      topics: [input],
    });

    for await (const _record of member) {
      await expect(resetApplication(admin, { applicationId: 'busy', inputTopics: [input] })).rejects.toThrow(
        /^the group busy has members \(it is Stable\): stop all processes of the application first/,
      );
      break;
    }
    expect(await topics()).toHaveLength(4);
    await member.close();
  });

  it('is refused for topics that do not fit, before anything changes', async () => {
    const { changelog, committed } = await application('wrong');
    const refusalOf = (request: object) => resetApplication(admin, { applicationId: 'wrong', ...request });

    await expect(refusalOf({ inputTopics: ['nowhere'] })).rejects.toThrow(
      'input topics do not exist: nowhere. Check the names',
    );
    await expect(refusalOf({ inputTopics: [changelog] })).rejects.toThrow(
      `${changelog} would be deleted as an internal topic. Leave it out of the input topics`,
    );
    await expect(refusalOf({ internalTopics: ['wrong-input'] })).rejects.toThrow(
      'wrong-input is not an internal topic of wrong. Its internal topics are: wrong-counts-changelog, ' +
        'wrong-counts-repartition',
    );
    expect(await committed()).toHaveLength(2);
  });

  it('is possible before the first start, when there is no group', async () => {
    expect(await resetApplication(admin, { applicationId: 'unborn' })).toEqual({
      offsets: [],
      deletedTopics: [],
    });
  });
});
