import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { ManualClock } from '../../../runtime/manual-clock.fake.ts';
import { failureOf } from './failure.fixture.ts';
import { oauthBearerExchange } from './oauth-bearer.ts';
import { answerJson, startTokenEndpoint, type TestTokenEndpoint } from './token-endpoint.fixture.ts';
import { tokenSource } from './token-request.ts';

const until = within(10_000);

let server: TestTokenEndpoint | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(answer: (response: ServerResponse, count: number) => void) {
  const endpoint = await startTokenEndpoint(answer);
  server = endpoint;
  const clock = new ManualClock();
  const client = { clientId: 'mill:race', clientSecret: () => 'top secret+%', scope: 'orders stock' };
  return { endpoint, clock, ...tokenSource({ url: endpoint.url, ...client }, clock) };
}

const issue = (response: ServerResponse, count: number, fields: Readonly<Record<string, unknown>> = {}) =>
  answerJson(response, 200, { access_token: `token-${count}`, token_type: 'bearer', ...fields });

const expiring = (response: ServerResponse, count: number) => issue(response, count, { expires_in: 100 });

const answerText = (status: number, text: string) => (response: ServerResponse) => {
  response.writeHead(status).end(text);
};

describe('Q05 a source of tokens', () => {
  it('requests a token with the form-encoded credentials of the client', async () => {
    const { endpoint, token } = await start(issue);

    expect(await token()).toEqual({ value: 'token-1' });

    const [request] = endpoint.seen;
    const basic = Buffer.from('mill%3Arace:top+secret%2B%25').toString('base64');
    expect(request).toMatchObject({
      method: 'POST',
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
      },
      body: 'grant_type=client_credentials&scope=orders+stock',
    });
  });

  it('keeps a token until 80 % of its lifetime has passed, and no longer', async () => {
    const { endpoint, clock, token } = await start(expiring);
    await token();

    await clock.advance(79_999);
    expect(await token()).toEqual({ value: 'token-1' });
    await clock.advance(1);
    expect(await token()).toEqual({ value: 'token-2' });
    expect(endpoint.seen).toHaveLength(2);
  });

  it('drops a token that a broker has rejected, but not the one that replaced it', async () => {
    const { endpoint, token, rejected } = await start(expiring);
    const first = await token();
    const exchange = oauthBearerExchange({ token, rejected });
    await exchange.first();

    await exchange.next(Buffer.from('{"status":"invalid_token"}'));

    expect(await token()).toEqual({ value: 'token-2' });
    rejected(first);
    expect(await token()).toEqual({ value: 'token-2' });
    expect(endpoint.seen).toHaveLength(2);
  });

  it('counts the lifetime from the request, not from the answer', async () => {
    let held: ServerResponse | undefined;
    const { clock, token } = await start((response, count) => {
      if (count === 1) held = response;
      else expiring(response, count);
    });
    const first = token();
    await until(() => held !== undefined, 'the request');
    await clock.advance(9_000);
    expiring(held!, 1);
    await first;

    await clock.advance(71_000);
    expect(await token()).toEqual({ value: 'token-2' });
  });

  it('does not keep a token whose lifetime is unknown', async () => {
    const { token } = await start(issue);
    await token();
    expect(await token()).toEqual({ value: 'token-2' });
  });

  it('shares one request between its callers', async () => {
    const { endpoint, token } = await start(issue);
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill({ value: 'token-1' }));
    expect(endpoint.seen).toHaveLength(1);
  });

  it('shares a failure too, and tries again for the next caller', async () => {
    const { endpoint, token } = await start((response, count) =>
      count === 1 ? answerJson(response, 503, {}) : issue(response, count),
    );

    const failures = await Promise.all([failureOf(token()), failureOf(token())]);

    expect(failures.map(({ code }) => code)).toEqual(['unreachable', 'unreachable']);
    expect(await token()).toEqual({ value: 'token-2' });
    expect(endpoint.seen).toHaveLength(2);
  });

  it.each([
    ['invalid_client', '(status 401, invalid_client)'],
    ['top secret+%', '(status 401)'],
  ])('fails permanently on status 401 with the error %s', async (error, reason) => {
    const { endpoint, token } = await start((response) =>
      answerJson(response, 401, { error, error_description: 'top secret+% is wrong' }),
    );

    const failure = await failureOf(token());

    expect(failure).toMatchObject({ code: 'access_refused', kind: 'fatal' });
    expect(failure.message).toContain(`${endpoint.url.host} rejected the request ${reason}`);
    expect(failure.message).toContain('KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET');
    expect(inspect(failure)).not.toContain('top secret');
  });

  it.each([429, 500, 503])('fails temporarily on status %i, however long the answer is', async (status) => {
    const { token } = await start(answerText(status, 'top secret'.repeat(10_000)));

    const failure = await failureOf(token());

    expect(failure).toMatchObject({ code: 'unreachable', kind: 'retriable' });
    expect(failure.message).toContain(`answered with status ${status}`);
    expect(inspect(failure)).not.toContain('top secret');
  });

  const issued = { access_token: 'token-1', token_type: 'Bearer' };
  it.each([
    ['text', 'token-1', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['no token', '{"token_type":"Bearer"}', 'without an access_token'],
    ['a token of another type', JSON.stringify({ ...issued, token_type: 'mac' }), 'token_type'],
    ['a lifetime that is text', JSON.stringify({ ...issued, expires_in: 'token-1' }), 'expires_in'],
    ['a negative lifetime', JSON.stringify({ ...issued, expires_in: -1 }), 'expires_in'],
    [
      'an infinite lifetime',
      '{"access_token":"token-1","token_type":"Bearer","expires_in":1e999}',
      'expires_in',
    ],
    ['a token with a separator', JSON.stringify({ ...issued, access_token: 'token-1\x01' }), 'bearer token'],
    ['too many bytes', JSON.stringify({ ...issued, more: 'x'.repeat(65_536) }), 'more than 65536 bytes'],
  ])('rejects an answer with %s without quoting it', async (_what, text, reason) => {
    const { token } = await start(answerText(200, text));

    const failure = await failureOf(token());

    expect(failure).toMatchObject({ code: 'access_refused', kind: 'fatal' });
    expect(failure.message).toContain(reason);
    expect(inspect(failure)).not.toContain('token-1');
  });

  it('follows no redirect, and names the setting', async () => {
    const { endpoint, token } = await start((response) => {
      response.writeHead(307, { location: '/elsewhere' }).end();
    });

    const failure = await failureOf(token());

    expect(failure).toMatchObject({ code: 'access_refused', kind: 'fatal' });
    expect(failure.message).toContain('KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL');
    expect(endpoint.seen).toHaveLength(1);
  });

  it.each([
    ['sends nothing', () => undefined],
    ['hangs in the middle of its answer', (response: ServerResponse) => void response.write('{')],
  ])('gives up after 10 s if the endpoint %s', async (_what, answer) => {
    const { endpoint, clock, token } = await start(answer);
    const failing = failureOf(token());
    await until(() => endpoint.seen.length === 1, 'the request');

    await clock.advance(10_000);

    const failure = await failing;
    expect(failure).toMatchObject({ code: 'unreachable', kind: 'retriable' });
    expect(failure.message).toContain(`${endpoint.url.host} did not answer within 10000 ms`);
  });

  it('reports through the exchange that the endpoint is unreachable, with no secret', async () => {
    const { endpoint, clock, token } = await start(issue);
    await endpoint.stop();
    server = undefined;

    const failure = await failureOf(oauthBearerExchange({ token }).first());

    expect(failure).toMatchObject({ code: 'unreachable', kind: 'retriable' });
    expect(failure.message).toContain(`${endpoint.url.host} cannot be reached (ECONNREFUSED)`);
    expect(inspect(failure)).not.toMatch(/top|Basic/);
    expect(clock.timers).toBe(0);
  });
});
