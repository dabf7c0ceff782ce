import { describe, expect, it } from '@jest/globals';
import { murmur3 } from './murmur3.ts';

const hashOf = (data: Uint8Array): string => Buffer.from(murmur3(data)).toString('hex');

/**
 * Results of `org.apache.kafka.streams.state.internals.Murmur3.hash128` in 4.3.1, for the first 0
 * to 39 bytes of `(i * 37 + 200)`.
 */
const fromKafkaStreams = `
9d2764a018e329428c3cf3b035938518
bff2166f25d4e3caad76f90042c32eb7
bcd4482b54b21ae4ff522487ce044fc6
b02c9dcb0b188cb7261d276514956649
846a0800ef7c20fecd9d9b8b3a3e1bbb
70bec6468243fd7e05fcff0ec098b7ba
d07ca34fbc869666c96bfa2a5c3ad0ef
e2c12aaa37615c8d78e8fff449acd2e3
5376fe5d8752a4802bcfb922970c534c
b79cc91e67eb164f7285936d18b5c4c8
de352a4f8e87c3764d4a442db54088a9
4d82494a5c77598091fd208eec8c5b93
77cb9c85e6102be497b3ef548224d05b
1f4e6d1678476ed3139e312733e0df5d
612723854c356186f2210c027b0a1791
8541440932df88a8133781906f758397
3b1ca826ba2a8ab100ff368af7e15570
14606ec89b0c68c720e38f08a941bbdf
b602d971cb17a71240b4714c0d608072
95a7cefeee07d56ffc99b8ff393aea45
d1edbae61cf3d1a88d1e91e92be620f4
32dbaa56760edb480f55b2782535eb3e
730fd20eafc84f32cfc80de2ef2a8d20
8f24f202db3598176ec9ced33f9a02ba
51113554edd27de75501bcf9acda8270
9b832d0cc79d389c4ed36db4f9127cc2
4039fd207345c604e6de7fa335127cff
f2d897320ea3bb90de6c6dc0278e6527
31aeeb62a490b5205f260cae772f11f0
6e657d888da1806fd77ac10e6bee4ef9
c9aa97f2c0c5d89366fc5685bb4208ad
0fc8bff6b4d635a2db8b6c0ce90a3cd8
271fc7adca25c66d69f499a2c53fd088
c811ac0257c06b43de4815d1c281354e
ae1a03a2cdc75e566b70beec42c35d6f
81d1f2987095eb94b81c2ba03337bd38
40d8aaceea0a452075af4ea4024fd965
4fcc60c7ff065fb792f402af9dbc43e7
541d67e368c14e1559cf3caef8625025
cf8bfb63e79d94ec6069ddd86bb92a7c`
  .trim()
  .split('\n');

describe('the hash of a value', () => {
  it('equals the hash of Kafka Streams for every length of the last block', () => {
    const hashes = fromKafkaStreams.map((_hash, length) =>
      hashOf(Uint8Array.from({ length }, (_byte, at) => at * 37 + 200)),
    );

    expect(hashes).toEqual(fromKafkaStreams);
  });

  it('equals the hash of Kafka Streams for a text', () => {
    expect(hashOf(Buffer.from('foreign key'))).toBe('1d2fcdd076ac539f7f6866c43224832a');
  });

  it('reads only its part of a larger buffer', () => {
    const buffer = Buffer.from('--foreign key--');

    expect(hashOf(buffer.subarray(2, 13))).toBe('1d2fcdd076ac539f7f6866c43224832a');
  });
});
