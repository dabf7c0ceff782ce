/**
 * Plays the sessions of a seed on this broker and on Apache Kafka. `--only N,M` plays only these
 * and prints every request and answer.
 */
import { parseArgs } from 'node:util';
import { startEngines } from './engines.ts';
import { grouped, inWords } from './report.ts';
import type { Normal } from './normal-form.ts';
import { runDifferential } from './run.ts';
import { Memory, type Session } from './script.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '500' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const numbers =
  values.only === undefined
    ? Array.from({ length: Number(values.sessions) }, (_, number) => number)
    : values.only.split(',').map(Number);

const engines = await startEngines();
try {
  const report = await runDifferential(engines, {
    seed,
    sessions: numbers,
    onPlayed: values.only === undefined ? countPlayed() : printPlayed,
  });
  process.stdout.write(`${inWords(report)}\n`);
  if (values.json)
    process.stdout.write(`${JSON.stringify({ ...report, findings: grouped(report.findings) })}\n`);
  process.exitCode = report.findings.every(({ known }) => known !== undefined) ? 0 : 1;
} finally {
  await engines.stop();
}

/** Prints a line for each hundred sessions to standard error. */
function countPlayed(): () => void {
  let played = 0;
  return () => {
    played += 1;
    if (played % 100 === 0) process.stderr.write(`${played} of ${numbers.length} sessions played\n`);
  };
}

function printPlayed(session: Session, ours: readonly Normal[], kafkas: readonly Normal[]): void {
  session.actions.forEach((action, at) => {
    const name =
      'api' in action ? `${action.api.name} v${action.version}` : action.do === 'raw' ? action.what : '';
    const mine = JSON.stringify(ours[at]);
    const theirs = JSON.stringify(kafkas[at]);
    const asked = 'body' in action ? JSON.stringify(action.body(new Memory()), writable) : '';
    const answers = mine === theirs ? `both  ${mine}` : `ours  ${mine}\n    Kafka ${theirs}`;
    process.stdout.write(`${session.name} #${at} ${action.do} ${name} ${asked}\n    ${answers}\n`);
  });
}

/** Makes requests printable, without the values that only an engine can provide. */
function writable(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const given = this[name];
  if (Buffer.isBuffer(given)) return `${given.length} bytes`;
  return typeof value === 'bigint' ? value.toString() : value;
}
