import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePorts, launchStack, leftBehind, newFolder, nothing } from './stack-process.fixture.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await newFolder();
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function refusal(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  dataFolder = data,
): Promise<string> {
  const stack = launchStack(dataFolder, args, settings);
  expect(await stack.ended).toBe(1);
  expect(leftBehind(dataFolder)).toEqual(nothing);
  expect(stack.stderr()).toMatch(/^millrace: [^\n]+\n$/);
  return stack.stderr();
}

describe('a stack that cannot start says why in one line, exits with 1 and leaves nothing behind', () => {
  it('for --trace beside another collector', async () => {
    expect(await refusal(['--trace'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' })).toContain(
      '--trace sends the traces to the console, but OTEL_EXPORTER_OTLP_ENDPOINT sends them elsewhere: leave out one of the two',
    );
  });

  it('for an unknown option, before it touches anything', async () => {
    expect(await refusal(['--freshh'])).toContain(
      'unknown option --freshh: `npm start -- --help` lists the options',
    );
    expect(existsSync(data)).toBe(false);
  });

  it('R31 for the wrong settings of every part, all of them at once', async () => {
    const config = join(folder, 'broker.properties');
    await writeFile(config, 'log.retention.ms=soon\nlog.retenton.bytes=1\n');
    const line = await refusal([], {
      CONSOLE_PORT: 'abc',
      LOG_LEVEL: 'loud',
      OTEL_TRACES_SAMPLER: 'some',
      MILLRACE_UNANSWERED_MS_MAX: '5',
      BROKER_PORT: '70000',
      BROKER_FLUSH: 'perhaps',
      BROKER_CONFIG: config,
    });

    for (const problem of [
      'CONSOLE_PORT=abc must be',
      'LOG_LEVEL=loud must be one of',
      'OTEL_TRACES_SAMPLER: must be',
      'MILLRACE_UNANSWERED_MS_MAX=5 must be 0 (never) or',
      'BROKER_PORT=70000 must be',
      'BROKER_FLUSH=perhaps (--flush): give',
      'log.retention.ms=soon is invalid: give',
      'log.retenton.bytes is not a broker config',
    ])
      expect(line.split(problem)).toHaveLength(2); // once
    expect(line).toContain('Correct or unset');
    expect(existsSync(data)).toBe(false);
  });

  it('for ports that are taken, each with the setting that moves it', async () => {
    const holders = await Promise.all(
      Object.keys(freePorts).map(async (name) => ({ name, server: await listening() })),
    );
    const ports = holders.map(
      ({ name, server }) => [name, String((server.address() as AddressInfo).port)] as const,
    );

    const line = await refusal([], Object.fromEntries(ports));

    for (const [name, port] of ports)
      expect(line).toMatch(new RegExp(`port ${port} \\([a-zA-Z ]+: ${name}\\) is taken`));
    expect(line).toContain('Stop the program that listens there, set another port');
    expect(line).toContain('or move all ports with --base-port');
    holders.forEach(({ server }) => server.close());
  });

  it("for a folder with someone else's files, which --fresh leaves alone", async () => {
    await mkdir(data);
    await writeFile(join(data, 'diary.txt'), 'dear diary');

    const lines = [await refusal([]), await refusal(['--fresh'])];

    for (const line of lines)
      expect(line).toContain(
        'is not a Millrace data folder (it has diary.txt): set MILLRACE_DATA to another folder',
      );
    expect(await readdir(data)).toEqual(['diary.txt']);
  });

  it('for a data folder that cannot be created', async () => {
    await writeFile(join(folder, 'file'), '');

    const lines = [
      await refusal([], {}, join(folder, 'file')),
      await refusal([], {}, join(folder, 'file', 'data')),
    ];

    for (const line of lines)
      expect(line).toMatch(
        /no data folder at .*file is a file, not a folder\): set MILLRACE_DATA to another folder\n$/,
      );
  });

  it('for a data folder where the system allows none', async () => {
    expect(await refusal([], {}, '/proc/millrace')).toMatch(
      /data folder .*\/proc\/millrace.* set MILLRACE_DATA to another folder\n$/,
    );
  });
});

it('--help lists the options and settings', async () => {
  const stack = launchStack(data, ['--help']);

  expect(await stack.ended).toBe(0);
  expect(stack.stdout()).toMatch(
    /--fresh[^]*--once[^]*--json[^]*--no-samples[^]*MILLRACE_DATA[^]*CONSOLE_PORT/,
  );
  expect(existsSync(data)).toBe(false);
});

async function listening(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
