import { describe, expect, it } from '@jest/globals';
import { exchangeOf } from './sasl-login.ts';

describe('the exchange of a login', () => {
  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    'has the mechanism %s of its settings',
    (mechanism) => {
      const login = { mechanism, username: 'millrace', password: () => 'secret' };
      expect(exchangeOf(login, 'nonce').mechanism).toBe(mechanism);
    },
  );

  it('has the mechanism OAUTHBEARER for a token supplier', () => {
    const login = { mechanism: 'OAUTHBEARER', token: () => ({ value: 'x' }) } as const;
    expect(exchangeOf(login, 'nonce').mechanism).toBe('OAUTHBEARER');
  });
});
