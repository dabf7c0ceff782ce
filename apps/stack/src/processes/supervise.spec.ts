import { describe, expect, it } from '@jest/globals';
import { supervise, type Launch, type RunningProcess } from './supervise.ts';

function fakeProcess(pid: number) {
  let end: (how: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  let stops = 0;
  let silent = false;
  const running: RunningProcess = {
    pid,
    ended,
    answer: () => (silent ? new Promise(() => undefined) : Promise.resolve()),
    kill: () => end('SIGKILL'),
    async stop() {
      stops += 1;
      end('SIGTERM');
    },
  };
  return {
    running,
    die: (how = 'SIGKILL') => end(how),
    stops: () => stops,
    fallSilent: () => (silent = true),
  };
}

const unansweredMsMax = 100;

function supervised(launch: Launch, restartDelayMsMax = 4) {
  const told: string[] = [];
  let changed: () => void = () => undefined;
  const tell = (line: string) => {
    told.push(line);
    changed();
  };
  const part = supervise('order', launch, {
    logFile: '/logs/order.log',
    limits: { restartDelayMsMin: 1, restartDelayMsMax },
    onEnd: (name, how, delayMs) => tell(`${name} ended (${how}), ${delayMs}`),
    onBack: (name, pid) => tell(`${name} back ${pid}`),
    unansweredMsMax,
    onSilent: ({ name, pid, killed }) => tell(`${name} ${pid} is silent${killed ? ' and killed' : ''}`),
    onAnswer: (name) => tell(`${name} answers again`),
  });
  const tellsTimes = async (count: number) => {
    while (told.length < count) await new Promise<void>((resolve) => (changed = resolve));
    return told;
  };
  return { part, tellsTimes, told };
}

describe('a supervised process', () => {
  it('starts again when it dies, after a delay that doubles up to its limit', async () => {
    const processes = [1, 2, 3, 4, 5].map(fakeProcess);
    let launches = 0;
    const { part, tellsTimes } = supervised(async () => processes[launches++]!.running);
    await part.start();
    for (const [index, process] of processes.slice(0, 4).entries()) {
      process.die();
      await tellsTimes(2 * (index + 1));
    }

    expect(await tellsTimes(8)).toEqual([
      'order ended (SIGKILL), 1',
      'order back 2',
      'order ended (SIGKILL), 2',
      'order back 3',
      'order ended (SIGKILL), 4',
      'order back 4',
      'order ended (SIGKILL), 4',
      'order back 5',
    ]);
    expect(part.pid).toBe(5);
    await part.stop();
  });

  it('is started again if a restart fails, and the line says why', async () => {
    const first = fakeProcess(1);
    const last = fakeProcess(2);
    const launches = [
      async () => first.running,
      () => Promise.reject(new Error('order did not start: no disk')),
      async () => last.running,
    ];
    const { part, tellsTimes } = supervised(() => launches.shift()!());
    await part.start();
    first.die('exit code 3');

    expect(await tellsTimes(3)).toEqual([
      'order ended (exit code 3), 1',
      'order ended (order did not start: no disk), 2',
      'order back 2',
    ]);
    expect(part.starts).toBe(2);
    expect(part.lastEnd).toEqual({ how: 'order did not start: no disk', at: expect.any(String) });
    await part.stop();
  });

  it('is not started again if its first start fails, and the error names the log', async () => {
    const { part, told } = supervised(() => Promise.reject(new Error('order did not start: no disk')));

    await expect(part.start()).rejects.toThrow('order did not start: no disk (log: /logs/order.log)');
    await part.stop();
    expect(told).toEqual([]);
  });

  it('is killed and starts again if it stops answering', async () => {
    const processes = [1, 2].map(fakeProcess);
    let launches = 0;
    const { part, tellsTimes } = supervised(async () => processes[launches++]!.running);
    await part.start();
    processes[0]!.fallSilent();

    expect(await tellsTimes(3)).toEqual([
      'order 1 is silent and killed',
      'order ended (SIGKILL), 1',
      'order back 2',
    ]);
    await part.stop();
  });

  it('R30 is reported and left alone if it has no way to be killed', async () => {
    const silent = fakeProcess(1);
    const { kill: _none, ...running } = silent.running;
    const { part, tellsTimes } = supervised(async () => running);
    await part.start();
    silent.fallSilent();

    expect(await tellsTimes(1)).toEqual(['order 1 is silent']);
    expect(part.pid).toBe(1);
    expect(part.unansweredMsMax).toBeUndefined();
    await part.stop();
  });

  it('is started again after a stop, with its shortest delay, and then restarted as before', async () => {
    const processes = [1, 2, 3, 4].map(fakeProcess);
    let launches = 0;
    const { part, tellsTimes } = supervised(async () => processes[launches++]!.running);
    await part.start();
    processes[0]!.die();
    await tellsTimes(2);
    expect(part.isStopped).toBe(false);
    await Promise.all([part.stop(), part.stop()]);
    expect(part.isStopped).toBe(true);
    expect(processes[1]!.stops()).toBe(1);

    await part.start();
    await part.start();
    expect(part.pid).toBe(3);
    processes[2]!.die();
    expect((await tellsTimes(4)).slice(2)).toEqual(['order ended (SIGKILL), 1', 'order back 4']);
    await part.stop();
  });

  it('is not started while it is being stopped', async () => {
    const process = fakeProcess(1);
    const { part } = supervised(async () => process.running);
    await part.start();
    const stopping = part.stop();
    await expect(part.start()).rejects.toThrow('order is being stopped');
    await stopping;
  });

  it('is stopped again if a start after a stop fails', async () => {
    const launches = [
      async () => fakeProcess(1).running,
      () => Promise.reject(new Error('order did not start: no disk')),
      async () => fakeProcess(2).running,
    ];
    const { part, told } = supervised(() => launches.shift()!());
    await part.start();
    await part.stop();
    await expect(part.start()).rejects.toThrow('no disk (log: /logs/order.log)');
    expect(part.isStopped).toBe(true);
    await part.start();
    expect(part.pid).toBe(2);
    await part.stop();
    expect(told).toEqual([]);
  });

  it('stays down once it has been stopped', async () => {
    const process = fakeProcess(1);
    const { part, told } = supervised(async () => process.running);
    await part.start();
    await part.stop();

    expect(process.stops()).toBe(1);
    expect(part.pid).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('can be stopped in the middle of a start, and stop waits until nothing is left of it', async () => {
    let gone = false;
    const { part } = supervised(
      (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            gone = true;
            reject(signal.reason);
          }),
        ),
    );
    const starting = part.start();
    await part.stop();

    expect(gone).toBe(true);
    await expect(starting).rejects.toThrow('order was stopped');
  });
});
