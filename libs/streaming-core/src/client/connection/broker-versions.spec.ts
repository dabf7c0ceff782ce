import { describe, expect, it } from '@jest/globals';
import { endTxn } from '../../protocol/apis/transactions.ts';
import { brokerVersions } from './broker-versions.ts';

const speaks = (minVersion: number, maxVersion: number, features: Readonly<Record<string, number>> = {}) =>
  brokerVersions({
    errorCode: 0,
    apiKeys: [{ apiKey: endTxn.key, minVersion, maxVersion }],
    finalizedFeatures: Object.entries(features).map(([name, level]) => ({
      name,
      maxVersionLevel: level,
      minVersionLevel: level,
    })),
  });

describe('the versions of a broker', () => {
  it('give the newest version that the client supports too, up to a limit', () => {
    expect(speaks(0, 3).newest(endTxn)).toBe(3);
    expect(speaks(0, 99).newest(endTxn)).toBe(endTxn.versions.max);
    expect(speaks(0, 99).newest(endTxn, 4)).toBe(4);
  });

  it('are rejected if the client supports none of them', () => {
    expect(() => speaks(98, 99).newest(endTxn)).toThrow('no version of EndTxn');
    expect(() => speaks(5, 5).newest(endTxn, 4)).toThrow('no version of EndTxn');
    expect(() => brokerVersions({ errorCode: 0, apiKeys: [] }).newest(endTxn)).toThrow(
      'no version of EndTxn',
    );
  });

  it('include the transaction version that the cluster has finalized', () => {
    expect(speaks(0, 5).transactionVersion).toBe(0);
    expect(speaks(0, 5, { 'metadata.version': 29, 'transaction.version': 2 }).transactionVersion).toBe(2);
  });
});
