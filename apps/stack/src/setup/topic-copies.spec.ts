import { describe, expect, it } from '@jest/globals';
import { readClusterSettings } from './cluster-settings.ts';
import { topicCopies } from './log.ts';

function read(environment: Readonly<Record<string, string>>) {
  const problems: string[] = [];
  return { ...readClusterSettings(environment, problems), problems };
}

describe('the copies of a topic', () => {
  it.each([
    [1, { replicationFactor: 1, minInSyncReplicas: 1 }],
    [2, { replicationFactor: 1, minInSyncReplicas: 1 }],
    [3, { replicationFactor: 3, minInSyncReplicas: 2 }],
    [9, { replicationFactor: 3, minInSyncReplicas: 2 }],
  ])('have these defaults on %d brokers', (brokers, copies) => {
    expect(topicCopies({}, brokers)).toEqual(copies);
  });

  it('are as requested, and never require more copies in sync than there are', () => {
    expect(topicCopies({ replicationFactor: 5 }, 5)).toEqual({ replicationFactor: 5, minInSyncReplicas: 2 });
    expect(topicCopies({ replicationFactor: 3, minInSyncReplicas: 3 }, 3)).toEqual({
      replicationFactor: 3,
      minInSyncReplicas: 3,
    });
    expect(topicCopies({ minInSyncReplicas: 2 }, 1)).toEqual({ replicationFactor: 1, minInSyncReplicas: 1 });
  });

  it('are refused if there are fewer brokers', () => {
    expect(() => topicCopies({ replicationFactor: 3 }, 1)).toThrow(
      'KAFKA_REPLICATION_FACTOR is 3, but the cluster has 1 broker now: start more brokers, or lower it',
    );
  });
});

describe("the cluster's settings", () => {
  it('are empty by default', () => {
    expect(read({})).toEqual({ bootstrapServers: undefined, security: {}, copies: {}, problems: [] });
  });

  it('name the cluster and the copies', () => {
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: 'a:1, b:2',
      KAFKA_REPLICATION_FACTOR: '3',
      KAFKA_MIN_INSYNC_REPLICAS: '2',
    };
    expect(read(environment)).toMatchObject({
      bootstrapServers: ['a:1', 'b:2'],
      copies: { replicationFactor: 3, minInSyncReplicas: 2 },
      problems: [],
    });
  });

  it('report everything that is wrong', () => {
    const { problems } = read({
      KAFKA_BOOTSTRAP_SERVERS: 'kafka',
      KAFKA_SASL_USERNAME: 'ada',
      KAFKA_REPLICATION_FACTOR: '2',
      KAFKA_MIN_INSYNC_REPLICAS: '3',
    });
    expect(problems).toEqual([
      'KAFKA_BOOTSTRAP_SERVERS=kafka must be HOST:PORT, several separated by commas',
      expect.stringMatching(/^KAFKA_SASL_USERNAME: has no effect/),
      'KAFKA_MIN_INSYNC_REPLICAS=3 is more than KAFKA_REPLICATION_FACTOR=2: nothing could be written',
    ]);
    expect(read({ KAFKA_REPLICATION_FACTOR: 'three' }).problems).toEqual([
      'KAFKA_REPLICATION_FACTOR=three must be a whole number from 1 to 99',
    ]);
  });
});
