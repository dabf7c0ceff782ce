import { describe, expect, it } from '@jest/globals';
import { libraryOptionsOf, tlsContext } from './security.ts';

describe('the options of a secure connection', () => {
  const tls = tlsContext({});

  it('send the server name (SNI) to a host name, but not to an IP address', () => {
    expect(libraryOptionsOf({ tls }, ['kafka.example:9093']).tlsServerName).toBe(true);
    expect(libraryOptionsOf({ tls }, ['127.0.0.1:9093']).tlsServerName).toBe(false);
    expect(libraryOptionsOf({ tls }, ['kafka.example:9093', '::1:9093']).tlsServerName).toBe(false);
  });

  it('are empty for plain text', () => {
    expect(libraryOptionsOf({}, ['kafka.example:9092'])).toEqual({});
  });
});
