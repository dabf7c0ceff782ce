import { describe, expect, it } from '@jest/globals';
import { forwardedUrl } from './forwarded-url.ts';

describe('the address of a forwarded request', () => {
  it.each([
    ['/subjects/a%2Fb?permanent=true', '/subjects/a%2Fb?permanent=true'],
    ['http://evil/subjects?deleted=true', '/subjects?deleted=true'],
    ['//evil/connectors', '/connectors'],
    ['http://evil//evil/connectors', '//evil/connectors'],
  ])('of %s is at the leader, whatever host the request names', (requested, path) => {
    expect(forwardedUrl('http://127.0.0.1:8081', requested)).toBe(`http://127.0.0.1:8081${path}`);
  });
});
