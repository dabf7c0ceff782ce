import { describe, expect, it } from '@jest/globals';
import { scramProofs } from './scram.ts';

describe('the proofs of SCRAM', () => {
  it('are those of the example in RFC 5802, which uses SHA-1', async () => {
    const serverFirst = 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096';
    const { clientProof, serverSignature } = await scramProofs({
      hash: 'sha1',
      password: 'pencil',
      salt: Buffer.from('QSXCR+Q6sek8bf92', 'base64'),
      iterations: 4096,
      authMessage: `n=user,r=fyko+d2lbbFgONRv9qkxdawL,${serverFirst},c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j`,
    });

    expect(clientProof.toString('base64')).toBe('v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=');
    expect(serverSignature.toString('base64')).toBe('rmF9pqV8S7suAoZWja4dJRkFsKQ=');
  });
});
