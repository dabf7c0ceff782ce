import { describe, expect, it } from '@jest/globals';
import { requiredCluster } from './cluster-settings.ts';

describe('a program that needs a log', () => {
  it('reads its address from the environment, or says that it is missing', () => {
    expect(requiredCluster({ KAFKA_BOOTSTRAP_SERVERS: 'a:1,b:2' })).toMatchObject({
      bootstrapServers: ['a:1', 'b:2'],
    });
    expect(() => requiredCluster({})).toThrow(/^wrong settings: KAFKA_BOOTSTRAP_SERVERS is missing$/);
    expect(() => requiredCluster({ KAFKA_BOOTSTRAP_SERVERS: 'a' })).toThrow(
      /^wrong settings: KAFKA_BOOTSTRAP_SERVERS=a must be HOST:PORT/,
    );
  });
});
