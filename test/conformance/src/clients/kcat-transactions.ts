import assert from 'node:assert/strict';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ForeignProcess } from '../foreign-process.ts';
import {
  consume,
  consumeCommitted,
  kcatCommand,
  numbered,
  produce,
  type KcatSettings,
} from './kcat-commands.ts';

/**
 * The size of the blocks in which kcat reads from a pipe. A line that fills one is sent at once.
 */
const inputBlock = 1_024;
const block = (value: string): string => `${value.padEnd(inputBlock - 1, '.')}\n`;
const withoutPadding = (line: string): string => line.replace(/\.+$/, '');

async function read(context: CaseContext, topic: string, level: string): Promise<readonly string[]> {
  const lines = await consume(context, ['-t', topic, '-o', 'beginning'], { 'isolation.level': level });
  return lines.map(withoutPadding);
}

const pauseMs = 100;

async function eventually(
  context: CaseContext,
  topic: string,
  level: string,
  isThere: (values: readonly string[]) => boolean,
): Promise<void> {
  while (!isThere(await read(context, topic, level)))
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
}

/** Begins a transaction, writes to it, and leaves it open once the records are in the log. */
async function open(
  context: CaseContext,
  topic: string,
  values: readonly string[],
  settings: KcatSettings = {},
): Promise<ForeignProcess> {
  const all = { 'transactional.id': context.name('tx'), 'queue.buffering.max.ms': 0, ...settings };
  const writer = context.start(kcatCommand(context, ['-P', '-t', topic], all), { keepsInput: true });
  writer.write(values.map(block).join(''));
  const early = writer.ended.then(({ code }) =>
    Promise.reject(new Error(`kcat ended with ${code} before its transaction was open`)),
  );
  early.catch(() => undefined); // also rejects at the planned end, when nothing awaits it
  const isThere = (seen: readonly string[]) => values.every((value) => seen.includes(value));
  await Promise.race([eventually(context, topic, 'read_uncommitted', isThere), early]);
  return writer;
}

const commit: ConformanceCase = {
  name: 'transaction: committed',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const values = numbered('in one transaction ', 500);
    for (const round of [1, 2]) {
      await produce(context, ['-t', topic], values, { 'transactional.id': context.name('tx') });
      assert.deepEqual(
        await consumeCommitted(context, topic, 500 * round),
        [...values, ...values].slice(0, 500 * round),
      );
    }
  },
};

const openOne: ConformanceCase = {
  name: 'transaction: open, then committed',
  async run(context) {
    const topic = await context.topic('t');
    await produce(context, ['-t', topic], ['before']);
    const writer = await open(context, topic, ['inside']);
    await produce(context, ['-t', topic], ['after']);
    assert.deepEqual(await read(context, topic, 'read_committed'), ['before']);
    assert.deepEqual(await read(context, topic, 'read_uncommitted'), ['before', 'inside', 'after']);
    writer.closeInput();
    assert.equal((await writer.ended).code, 0);
    assert.deepEqual((await consumeCommitted(context, topic, 3)).map(withoutPadding), [
      'before',
      'inside',
      'after',
    ]);
  },
};

const abort: ConformanceCase = {
  name: 'transaction: aborted',
  quick: true,
  async run(context) {
    const topic = await context.topic('t');
    const writer = await open(context, topic, numbered('aborted ', 20));
    writer.signal('SIGINT');
    writer.closeInput(); // kcat notices a signal only when it gets input
    await writer.ended;
    await produce(context, ['-t', topic], ['after'], { 'transactional.id': context.name('tx') });
    assert.deepEqual(await consumeCommitted(context, topic, 1), ['after']);
    assert.deepEqual(await read(context, topic, 'read_uncommitted'), [...numbered('aborted ', 20), 'after']);
  },
};

const fenced: ConformanceCase = {
  name: 'transaction: a second producer with its id fences the first and aborts what it left',
  async run(context) {
    const topic = await context.topic('t');
    const first = await open(context, topic, ['of the first']);
    await produce(context, ['-t', topic], ['of the second'], { 'transactional.id': context.name('tx') });
    first.closeInput();
    const { code, errors } = await first.ended;
    assert.notEqual(code, 0);
    assert.match(errors, /fenced|newer instance|epoch/i);
    assert.deepEqual(await consumeCommitted(context, topic, 1), ['of the second']);
  },
};

const timeout: ConformanceCase = {
  name: 'transaction: killed with one open, aborted by its timeout',
  async run(context) {
    const topic = await context.topic('t');
    const writer = await open(context, topic, ['left behind'], { 'transaction.timeout.ms': 2_000 });
    await writer.stop('SIGKILL');
    await produce(context, ['-t', topic], ['after']);
    await eventually(context, topic, 'read_committed', (seen) => seen.join() === 'after');
  },
};

export const kcatTransactionCases: readonly ConformanceCase[] = [commit, openOne, abort, fenced, timeout];
