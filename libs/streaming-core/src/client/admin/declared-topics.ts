import type { TopicDeclaration } from '../../contract/index.ts';
import { ClientError, isProtocolError } from '../errors/client-error.ts';
import type { AdminCalls } from './admin-calls.ts';
import { requestTopics } from './topic-creation.ts';
import type { TopicPlace } from '../connection/topic-lookup.ts';

/** Creates a topic as its declaration says, unless it exists. */
export function createDeclared(calls: AdminCalls, declaration: TopicDeclaration): Promise<void> {
  return calls.persistently(`creating topic ${declaration.name}`, async () => {
    const { found } = await calls.brokers.lookUpTopics([declaration.name], true);
    const existing = found.get(declaration.name);
    if (!existing) await createOnce(calls, declaration);
    else if (existing.partitions.length !== declaration.partitions)
      throw mismatch(declaration, existing.partitions.length);
    if (existing?.partitions.every(({ leader }) => leader >= 0))
      return warnOfFewCopies(calls, declaration.name, existing);
    throw new ClientError('unreachable', `topic ${declaration.name} is not ready yet`);
  });
}

async function createOnce(calls: AdminCalls, declaration: TopicDeclaration): Promise<void> {
  const { name, partitions, retention, cleanup } = declaration;
  const { replicationFactor, minInSyncReplicas } = calls.settings;
  const configs = {
    'retention.ms': retention === 'unlimited' ? '-1' : String(retention),
    'cleanup.policy': cleanup,
    ...(minInSyncReplicas > 1 && { 'min.insync.replicas': String(minInSyncReplicas) }),
  };
  const topic = { name, partitions, replicationFactor, configs };
  const answer = (await requestTopics(calls, new Map([[name, topic]]))).get(name);
  // Another client has created the topic. The next round compares the partition counts.
  if (answer instanceof Error && !isProtocolError(answer, 'TOPIC_ALREADY_EXISTS')) throw answer;
}

function warnOfFewCopies({ settings }: AdminCalls, topic: string, { partitions }: TopicPlace): void {
  const { logger, replicationFactor } = settings;
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  if (copies < replicationFactor)
    logger.warn(
      { topic, copies, replicationFactor },
      `topic ${topic} has a partition with only ${copies} replicas instead of ${replicationFactor}: ` +
        'add replicas with kafka-reassign-partitions',
    );
}

function mismatch({ name, partitions }: TopicDeclaration, existing: number): ClientError {
  return new ClientError(
    'topic_mismatch',
    `topic ${name} has ${existing} partitions but is declared with ${partitions}. ` +
      'Keys would move to other partitions: ' +
      `declare ${existing}, or copy the messages to a new topic and delete this one`,
  );
}
