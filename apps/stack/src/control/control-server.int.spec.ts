import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { actOnProcess, supervisedBy, type LocalStack } from '@millrace/operations/client';
import { supervise, type Launch, type Supervised } from '../processes/supervise.ts';
import { startControl, type Control } from './control-server.ts';

/** A real process that does nothing until it is stopped. */
const launch: Launch = async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  const ended = once(child, 'exit').then(([, signal]) => String(signal));
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    ended,
    answer: () => Promise.resolve(),
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const supervised = (name: string, restarts: string[]) =>
  supervise(name, launch, {
    logFile: `/logs/${name}.log`,
    limits: { restartDelayMsMin: 1 },
    unansweredMsMax: 0,
    onEnd: (who, how) => void restarts.push(`${who} ended (${how})`),
    onBack: () => undefined,
    onSilent: () => undefined,
    onAnswer: () => undefined,
  });

const now = Date.parse('2026-11-25T10:00:00.000Z');
const request = { actor: 'grace', reason: 'INC-7' };
const until = within(20_000);

const allRun = { order: 'running', 'order-2': 'running', payment: 'running', broker: 'running' };

describe('the control of a supervisor', () => {
  let control: Control;
  let stack: LocalStack;
  let restarts: string[];
  let printed: string[];
  let started: string[];
  let parts: ReadonlyArray<ReturnType<typeof supervised>>;

  const controlWith = async (faults: boolean) => {
    const [first, second, payment, broker] = parts as [Supervised, Supervised, Supervised, Supervised];
    control = await startControl({
      processes: [
        { service: 'order', instance: 'order-1', supervised: first },
        { service: 'order', instance: 'order-2', supervised: second },
        { service: 'payment', instance: 'payment-1', supervised: payment },
        { instance: 'broker', supervised: broker },
      ],
      faults,
      clock: { now: () => now },
      print: (line) => void printed.push(line),
      onStart: (name) => void started.push(name),
    });
    stack = { supervisor: { url: control.url, token: control.token } } as LocalStack;
  };

  beforeEach(async () => {
    restarts = [];
    printed = [];
    started = [];
    parts = ['order', 'order-2', 'payment', 'broker'].map((name) => supervised(name, restarts));
    await Promise.all(parts.map((part) => part.start()));
    await controlWith(false);
  });
  afterEach(async () => {
    await control.stop();
    await Promise.all(parts.map((part) => part.stop()));
  });

  const states = async () =>
    Object.fromEntries((await supervisedBy(stack)).map((one) => [one.process, one.state]));

  it('Z18 stops every process of a service until it is started, and nothing restarts it', async () => {
    const { changed } = await actOnProcess(stack, 'stop', 'order', request);
    expect(changed).toEqual(['order', 'order-2']);
    expect(await states()).toEqual({ ...allRun, order: 'stopped', 'order-2': 'stopped' });
    expect((await supervisedBy(stack))[0]).toEqual({
      process: 'order',
      instance: 'order-1',
      service: 'order',
      state: 'stopped',
      starts: 1,
      lastEnd: { how: 'SIGTERM', at: expect.any(String) },
      lastAct: { ...request, act: 'stop', at: '2026-11-25T10:00:00.000Z' },
    });
    expect(restarts).toEqual([]);
    expect(printed).toEqual(['order was stopped by grace (INC-7)', 'order-2 was stopped by grace (INC-7)']);

    const again = await actOnProcess(stack, 'start', 'order', { actor: 'ada' });
    expect(again.changed).toEqual(['order', 'order-2']);
    expect(again.processes).toMatchObject([
      { state: 'running', pid: expect.any(Number) },
      { state: 'running' },
    ]);
    expect(started).toEqual(['order', 'order-2']);
    expect(await states()).toEqual(allRun);
  });

  it('Z18 does nothing twice, and keeps who was first', async () => {
    await actOnProcess(stack, 'stop', 'payment', request);
    expect((await actOnProcess(stack, 'stop', 'payment', { actor: 'ada' })).changed).toEqual([]);
    expect((await supervisedBy(stack))[2]?.lastAct?.actor).toBe('grace');
    await actOnProcess(stack, 'start', 'payment', request);
    expect((await actOnProcess(stack, 'start', 'payment', request)).changed).toEqual([]);
  });

  it.each([
    ['order-1', 'order'],
    ['order-2', 'order-2'],
  ])('stops one process by its name %s', async (name, process) => {
    expect((await actOnProcess(stack, 'stop', name, request)).changed).toEqual([process]);
  });

  it('names what there is if a name is unknown', async () => {
    await expect(actOnProcess(stack, 'stop', 'broker', request)).rejects.toThrow(
      'there is no service or process broker: name one of the services order, payment, ' +
        'or one process of order-1, order-2, payment-1; PostgreSQL, keys and log end with the whole stack',
    );
  });

  it('refuses who does not know its token, and what it cannot read', async () => {
    const wrong = { supervisor: { url: control.url, token: 'guessed' } } as LocalStack;
    await expect(actOnProcess(wrong, 'stop', 'order', request)).rejects.toThrow(
      'the token of the supervisor',
    );
    await expect(actOnProcess(stack, 'stop', 'order', { actor: 'a\u0007' })).rejects.toThrow(
      'actor says who acts',
    );
    await expect(
      actOnProcess(stack, 'stop', 'order', { actor: 'a', reason: 'x'.repeat(20_000) }),
    ).rejects.toThrow('at most 10000 bytes');
    const headers = { authorization: `Bearer ${control.token}` };
    const broken = await fetch(`${control.url}/processes/%FF/stop`, { method: 'POST', headers });
    expect(broken.status).toBe(400);
    expect(await states()).toEqual(allRun);
  });

  it('refuses to kill or pause anything unless faults are allowed', async () => {
    for (const act of ['kill', 'pause', 'resume'] as const)
      await expect(actOnProcess(stack, act, 'order', request)).rejects.toThrow('MILLRACE_FAULTS=1 npm start');
    expect(await states()).toEqual(allRun);
    expect(printed).toEqual([]);
  });

  describe('that allows faults', () => {
    beforeEach(async () => {
      await control.stop();
      await controlWith(true);
    });

    it('kills any process, which then starts again, and says who did it and how it ended', async () => {
      const before = (await supervisedBy(stack))[3];
      expect((await actOnProcess(stack, 'kill', 'broker', request)).changed).toEqual(['broker']);
      await until(async () => (await supervisedBy(stack))[3]?.starts === 2, 'the broker to be back');

      const after = (await supervisedBy(stack))[3];
      expect(after).toMatchObject({
        process: 'broker',
        state: 'running',
        lastEnd: { how: 'SIGKILL' },
        lastAct: { ...request, act: 'kill' },
      });
      expect(after?.pid).not.toBe(before?.pid);
      expect(printed).toEqual(['broker was killed by grace (INC-7)']);
      expect(restarts).toEqual(['broker ended (SIGKILL)']);
    });

    it('pauses a process once, until it is resumed', async () => {
      await actOnProcess(stack, 'pause', 'payment', request);
      await until(async () => (await states())['payment'] === 'paused', 'payment to be paused');
      expect((await actOnProcess(stack, 'pause', 'payment', { actor: 'ada' })).changed).toEqual([]);
      await actOnProcess(stack, 'resume', 'payment', request);
      await until(async () => (await states())['payment'] === 'running', 'payment to go on');

      expect((await actOnProcess(stack, 'resume', 'payment', request)).changed).toEqual([]);
      expect(restarts).toEqual([]);
    });

    it('kills one of two processes by the name that stands for it alone', async () => {
      const [first] = await supervisedBy(stack);
      expect((await actOnProcess(stack, 'kill', first?.instance ?? '', request)).changed).toEqual(['order']);
      await until(async () => (await supervisedBy(stack))[0]?.starts === 2, 'order to be back');
      expect((await supervisedBy(stack))[1]?.starts).toBe(1);
    });

    it('pauses no process that an operator has stopped', async () => {
      await actOnProcess(stack, 'stop', 'payment', request);
      expect((await actOnProcess(stack, 'pause', 'payment', request)).changed).toEqual([]);
      expect((await actOnProcess(stack, 'kill', 'payment', request)).changed).toEqual([]);
      expect((await states())['payment']).toBe('stopped');
    });
  });

  it('is missed by name where it is gone, or where an earlier release has none', async () => {
    await control.stop();
    await expect(actOnProcess(stack, 'stop', 'order', request)).rejects.toThrow(
      'the supervisor does not answer on',
    );
    await expect(actOnProcess({} as LocalStack, 'stop', 'order', request)).rejects.toThrow('earlier release');
  });
});
