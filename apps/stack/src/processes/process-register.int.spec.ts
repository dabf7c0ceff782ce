import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clearLeftovers, openRegister } from './process-register.ts';

let folder: string;
let file: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-register-'));
  file = join(folder, 'processes.json');
});
afterEach(async () => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  await rm(folder, { recursive: true, force: true });
});

function sleeper() {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  return { child, pid: child.pid as number, ended: once(child, 'exit') };
}

const clear = async (waitMs: number, onLine = () => {}) => {
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    onLine();
  };
  await clearLeftovers(file, { print, signal: new AbortController().signal, endSignal: 'SIGKILL', waitMs });
  return lines;
};

describe('the remains of a killed stack', () => {
  it('are waited for while they drain', async () => {
    // The child ends when its input closes, which the test does once it is being waited for.
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(child);
    openRegister(file, () => {}).add('order', child.pid!);

    const lines = await clear(10_000, () => child.stdin.end());
    expect(lines).toEqual([
      `waiting for processes that a killed stack has left behind: order (process ${child.pid})`,
    ]);
    expect(child.signalCode).toBeNull();
  });

  it('are killed if they do not end by themselves', async () => {
    const { pid, ended } = sleeper();
    openRegister(file, () => {}).add('order', pid);

    expect((await clear(100)).at(-1)).toBe(
      `killing processes that do not end by themselves: order (process ${pid})`,
    );
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('do not include a process that only has the same id', async () => {
    const { child, pid } = sleeper();
    openRegister(file, () => {}).add('order', pid);
    const register = JSON.parse(await readFile(file, 'utf8')) as { processes: { identity: string }[] };
    register.processes[0]!.identity += '1';
    await writeFile(file, JSON.stringify(register));

    expect(await clear(100)).toEqual([]);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });

  it.each([
    ['damaged', '{"version":1,"processes":[{"name"'],
    [
      "another version's",
      '{"version":2,"processes":[{"name":"order","pid":PID,"identity":"x","endSignal":"SIGKILL"}]}',
    ],
    ['not a register', '[null, 7]'],
    ['full of nonsense', '{"version":1,"processes":[null,{"pid":PID},{"name":"order","pid":"PID"}]}'],
  ])('are taken to be none if the file is %s', async (_case, text) => {
    const { child, pid } = sleeper();
    await writeFile(file, text.replaceAll('PID', String(pid)));

    expect(await clear(100)).toEqual([]);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });
});

describe('the register of running processes', () => {
  it('forgets processes that have ended, and kills the others at once when asked', async () => {
    const first = sleeper();
    const second = sleeper();
    const register = openRegister(file, () => {});
    register.add('order', first.pid);
    register.add('payment', second.pid);
    register.remove(first.pid);

    register.endAll();

    expect(await second.ended).toEqual([null, 'SIGKILL']);
    expect(first.child.signalCode).toBeNull();
  });

  it('keeps working while its file cannot be written, says so once, and writes everything afterwards', async () => {
    const first = sleeper();
    const second = sleeper();
    const lines: string[] = [];
    const register = openRegister(file, (line) => lines.push(line));
    await mkdir(`${file}.unfinished`); // as a full disk, it cannot be written
    register.add('order', first.pid);
    register.add('payment', second.pid);
    register.remove(second.pid);
    expect(lines).toEqual([expect.stringContaining(`cannot write ${file}: EISDIR`)]);

    await rm(`${file}.unfinished`, { recursive: true });
    register.add('payment', second.pid);
    const { processes } = JSON.parse(await readFile(file, 'utf8')) as { processes: { pid: number }[] };
    expect(processes.map(({ pid }) => pid)).toEqual([first.pid, second.pid]);
  });
});
