import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { event, type Load } from './append-load.ts';

/**
 * Returns the appends a second of pgbench with the store's own statement, which is what PostgreSQL
 * can do here for a client that costs next to nothing.
 */
export async function pgbenchAppends(program: string, url: string, load: Load): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pgbench-'));
  try {
    const script = join(folder, 'append.sql');
    await writeFile(script, statement(load.events));
    const { stdout } = await promisify(execFile)(program, [
      '--no-vacuum',
      '--protocol=prepared',
      `--file=${script}`,
      `--client=${load.count}`,
      `--jobs=${Math.min(load.count, 2)}`,
      `--time=${load.seconds}`,
      url,
    ]);
    const [, rate] = /tps = ([\d.]+)/.exec(stdout) ?? [];
    if (rate === undefined) throw new Error(`${program} printed no rate: ${stdout}`);
    return Number(rate);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function statement(events: number): string {
  const { type, ...data } = event();
  const each = (value: string) => `ARRAY[${Array.from({ length: events }, () => value).join(', ')}]`;
  const values = [
    'uuidv7()::text',
    '0',
    each('uuidv7()'),
    each(`'${type}'`),
    each('1'),
    `${each(`'${JSON.stringify(data)}'`)}::jsonb[]`,
    `${each('NULL')}::jsonb[]`,
    `json_build_object('correlationId', gen_random_uuid(), 'causationId', gen_random_uuid())::jsonb`,
    'now()',
  ];
  return `SELECT append_to_stream(${values.join(', ')});\n`;
}
