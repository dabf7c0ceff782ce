import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { json } from 'node:stream/consumers';
import type { SupervisedProcess } from '@millrace/operations/contract';
import type { Parts } from '../api/faults.ts';
import { testConsole } from '../console.fixture.ts';

const signed = { actor: 'ada', reason: 'demo' };
const broker: SupervisedProcess = {
  process: 'broker',
  instance: 'broker',
  state: 'running',
  pid: 7,
  starts: 1,
};

/** A data folder on which a stack seems to run, with a supervisor that has one part. */
function stackFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-console-faults-'));
  const asked: Array<{ readonly path: string | undefined; readonly body: unknown }> = [];
  let changed: readonly string[] = ['broker'];
  const supervisor = createServer((request, reply) => {
    void (async () => {
      const path = request.url;
      if (request.method === 'POST') asked.push({ path, body: await json(request) });
      const isKnown = path?.startsWith('/processes/postgres') !== true;
      reply.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' });
      reply.end(JSON.stringify(isKnown ? { changed, processes: [broker] } : { message: 'faults are off' }));
    })();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => void supervisor.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(supervisor.address() as AddressInfo).port}`;
    const stack = { instances: {}, databases: {}, supervisor: { url, token: 'token' } };
    writeFileSync(join(folder, 'places.json'), JSON.stringify({ version: 1, pid: process.pid, ...stack }));
  });
  afterAll(() => {
    supervisor.closeAllConnections();
    supervisor.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, asked, changes: (names: readonly string[]) => (changed = names) };
}

describe('the faults of the console', () => {
  const stack = stackFolder();

  describe('with MILLRACE_FAULTS=1', () => {
    const console = testConsole(() => ({ MILLRACE_FAULTS: '1', MILLRACE_DATA: stack.folder }));

    it('show every part as the supervisor sees it', async () => {
      expect((await console.first<Parts>('/api/faults/live')).parts).toEqual([broker]);
      expect((await console.get('/api/session/me')).body).toMatchObject({ faults: true });
    });

    it.each(['kill', 'pause', 'resume'])('pass on %s with actor and reason', async (act) => {
      stack.asked.length = 0;
      expect((await console.post(`/api/faults/broker/${act}`, signed)).status).toBe(204);
      expect(stack.asked).toEqual([{ path: `/processes/broker/${act}`, body: signed }]);
    });

    it('neither stop anything nor act without a reason', async () => {
      stack.asked.length = 0;
      expect((await console.post('/api/faults/broker/stop', signed)).status).toBe(400);
      expect((await console.post('/api/faults/broker/kill', { actor: 'ada' })).status).toBe(400);
      expect(stack.asked).toEqual([]);
    });

    it('say what the supervisor refuses, and that nothing was done', async () => {
      expect(await console.post('/api/faults/postgres/kill', signed)).toMatchObject({
        status: 403,
        body: { code: 'refused', title: 'faults are off' },
      });
      stack.changes([]);
      expect(await console.post('/api/faults/broker/resume', signed)).toMatchObject({
        status: 409,
        body: { code: 'nothing_to_do' },
      });
    });
  });

  describe('of services that the environment names', () => {
    const console = testConsole(() => ({
      MILLRACE_FAULTS: '1',
      MILLRACE_DATA: stack.folder,
      MILLRACE_SERVICES: 'order=http://order:3001',
    }));

    it('are refused, although a stack runs on the data folder', async () => {
      stack.asked.length = 0;
      expect(await console.post('/api/faults/broker/kill', signed)).toMatchObject({
        status: 409,
        body: { code: 'no_supervisor' },
      });
      expect(stack.asked).toEqual([]);
    });
  });

  describe('without the setting', () => {
    const console = testConsole(() => ({ MILLRACE_DATA: stack.folder }));

    it('are not there, and the page is told so', async () => {
      stack.asked.length = 0;
      expect((await console.post('/api/faults/broker/kill', signed)).status).toBe(404);
      expect((await console.get('/api/faults/live')).status).toBe(400); // no list has this name
      expect((await console.get('/api/session/me')).body).toMatchObject({ faults: false });
      expect(stack.asked).toEqual([]);
    });
  });
});
