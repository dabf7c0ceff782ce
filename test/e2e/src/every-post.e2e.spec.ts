import { describe, expect, it } from '@jest/globals';
import { request } from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';

interface OpenApiDocument {
  readonly paths: Readonly<
    Record<string, { readonly post?: { readonly parameters: readonly { readonly name: string }[] } }>
  >;
}

const { urls } = sharedStack();

/** Reads every POST operation from the OpenAPI documents of the services. */
async function documentedPosts() {
  const documents = Object.entries(urls).map(async ([service, url]) => {
    const { paths } = (await request<OpenApiDocument>('GET', `${url}/docs/json`)).body;
    return Object.entries(paths).flatMap(([path, { post }]) =>
      post === undefined ? [] : [{ call: `${service} POST ${path}`, url, path, post }],
    );
  });
  return (await Promise.all(documents)).flat();
}

describe('every POST of every service', () => {
  it('I06 documents the idempotency key and checks it before anything else', async () => {
    const posts = await documentedPosts();
    expect(posts.length).toBeGreaterThanOrEqual(6);
    for (const { call, url, path, post } of posts) {
      const address = url + path.replaceAll(/\{[^}]+\}/g, 'x');
      const { status, body } = await request<{ errors?: unknown }>(
        'POST',
        address,
        {},
        { 'idempotency-key': 'two words' },
      );
      const isDocumented = post.parameters.some(({ name }) => name === 'Idempotency-Key');
      expect({ call, status, isDocumented }).toEqual({ call, status: 400, isDocumented: true });
      expect(body.errors).toEqual([expect.objectContaining({ field: 'Idempotency-Key' })]);
    }
  });
});
