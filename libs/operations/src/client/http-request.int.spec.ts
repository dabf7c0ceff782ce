import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whyUnreachable } from './connections.ts';
import { httpRequest, jsonIn } from './http-request.ts';

describe('a request', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, answer) => {
      if (request.url === '/silent') return;
      answer.writeHead(request.url === '/refused' ? 409 : 200, { etag: '"7"' });
      if (request.url === '/half') return void answer.write('{"half":');
      if (request.url === '/cut') return void answer.write('{', () => answer.destroy());
      request.setEncoding('utf8');
      request.on('data', (body: string) => answer.write(JSON.stringify({ body, method: request.method })));
      request.on('end', () => answer.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it.each([
    ['/', 200, true],
    ['/refused', 409, false],
  ])('gets the whole answer: %s', async (path, status, ok) => {
    const answer = await httpRequest(url + path, { method: 'POST', body: 'grün', answerMsMax: 5_000 });
    expect(answer).toMatchObject({ status, ok, headers: { etag: '"7"' } });
    expect(jsonIn(answer)).toEqual({ body: 'grün', method: 'POST' });
  });

  it('gets an answer that is no JSON as undefined', async () => {
    expect(jsonIn(await httpRequest(url, { answerMsMax: 5_000 }))).toBeUndefined();
  });

  it.each(['/silent', '/half'])('gives up an answer that does not end in time: %s', async (path) => {
    const failed = httpRequest(url + path, { answerMsMax: 100 });
    await expect(failed.catch(whyUnreachable)).resolves.toBe('no answer in time');
  });

  it('rejects when the connection is lost within the answer', async () => {
    await expect(httpRequest(`${url}/cut`, { answerMsMax: 5_000 })).rejects.toThrow('aborted');
  });
});
