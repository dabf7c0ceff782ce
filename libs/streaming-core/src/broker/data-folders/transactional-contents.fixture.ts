import { within } from '@millrace/testing/within';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { deleteRecords } from '../../protocol/apis/topic-admin.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { TransactionalSession } from '../transactional-session.fixture.ts';
import { append, makeTopic, nowMs, records } from './contents.fixture.ts';
import { survey, type Place } from './survey.fixture.ts';

/**
 * Transactions in `ledger`, a log start offset in `trimmed`, and gaps between the offsets of
 * `compacted`.
 */
export const transactionalPlace: Place = {
  topics: { ledger: 2, trimmed: 1, compacted: 1 },
  groups: ['of-transactions'],
};
/** The topic of the transaction with an end that is decided but not written yet. */
export const preparedTopic = 'prepared-ledger';

const small = [
  { name: 'internal.segment.bytes', value: '600' },
  { name: 'retention.ms', value: '-1' },
];

export async function writeTransactionalContents(client: WireClient): Promise<void> {
  await makeTopic(client, 'ledger', 2);
  await makeTopic(client, preparedTopic, 1);
  await runTransaction(client, 'committed', true);
  await runTransaction(client, 'aborted', false);
  await runTransaction(client, 'open', undefined);
  await makeTopic(client, 'trimmed', 1, small);
  for (let index = 0; index < 8; index += 1)
    await append(client, 'trimmed', 0, encodeBatch(records(3), { timestampMs: nowMs() }));
  await client.send(deleteRecords, 1, {
    topics: [{ name: 'trimmed', partitions: [{ partitionIndex: 0, offset: 13n }] }],
    timeoutMs: 5_000,
  });
  await compact(client);
  await prepare(client);
}

async function runTransaction(
  client: WireClient,
  transactionalId: string,
  committed: boolean | undefined,
): Promise<void> {
  const session = new TransactionalSession(client, transactionalId);
  await session.find(1);
  const producer = await session.init({ timeoutMs: 900_000 });
  await session.add(producer, 'ledger', 0, 1);
  for (const partition of [0, 1])
    await session.produce(producer, 'ledger', { sequence: 0, values: [transactionalId, 'more'], partition });
  await session.addOffsets(producer, 'of-transactions');
  await session.commitOffset(producer, {
    groupId: 'of-transactions',
    topic: 'ledger',
    offset: committed === true ? 1n : 2n,
  });
  if (committed === undefined) return;
  await session.end(producer, committed);
  await session.settled(committed ? 'CompleteCommit' : 'CompleteAbort');
}

async function compact(client: WireClient): Promise<void> {
  await makeTopic(client, 'compacted', 1, [
    ...small,
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'min.cleanable.dirty.ratio', value: '0.01' },
  ]);
  const record = (index: number) => ({
    key: Buffer.from(`key ${index % 4}`),
    value: index % 7 === 0 ? null : Buffer.from(`value ${index}`),
  });
  for (let index = 0; index < 40; index += 1)
    await append(client, 'compacted', 0, encodeBatch([record(index)], { timestampMs: nowMs() }));
  const batches = async () =>
    JSON.stringify(await survey(client, { topics: { compacted: 1 }, groups: [] })).length;
  const before = await batches();
  await within(60_000)(async () => (await batches()) !== before, 'compaction');
}

/** Runs last, because the writer cuts everything after the decision off the files. */
async function prepare(client: WireClient): Promise<void> {
  const session = new TransactionalSession(client, 'prepared');
  const producer = await session.init({ timeoutMs: 900_000 });
  await session.add(producer, preparedTopic, 0);
  await session.produce(producer, preparedTopic, { sequence: 0, values: ['prepared'] });
  await session.end(producer, true);
  await session.settled('CompleteCommit');
}
