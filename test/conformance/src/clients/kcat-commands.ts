import type { CaseContext } from '../case-context.ts';
import { reached } from '../reached.ts';

export type KcatSettings = Readonly<Record<string, string | number>>;

const settingFlags = (settings: KcatSettings): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${String(value)}`]);

export const kcatCommand = (
  context: CaseContext,
  args: readonly string[],
  settings: KcatSettings = {},
): readonly string[] => ['kcat', '-b', context.bootstrapServers, ...args, ...settingFlags(settings)];

export const produce = (
  context: CaseContext,
  args: readonly string[],
  lines: readonly string[],
  settings: KcatSettings = {},
): Promise<string> => context.run(kcatCommand(context, ['-P', ...args], settings), { input: linesOf(lines) });

/** Consumes up to the current end and returns the printed lines. */
export async function consume(
  context: CaseContext,
  args: readonly string[],
  settings: KcatSettings = {},
): Promise<readonly string[]> {
  return splitLines(await context.run(kcatCommand(context, ['-C', '-e', '-q', ...args], settings)));
}

/**
 * Waits until a topic has this many committed records, and returns them. An engine answers the end
 * of a transaction before its markers are in the partitions and its group's offsets take effect.
 */
export async function consumeCommitted(
  context: CaseContext,
  topic: string,
  count: number,
): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  await reached(
    async () => {
      lines = await consume(context, ['-t', topic, '-o', 'beginning'], {
        'isolation.level': 'read_committed',
      });
      return lines.length >= count;
    },
    () => `${count} committed lines, but found ${lines.length}`,
  );
  return lines;
}

export const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

export const splitLines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Returns `prefix0`, `prefix1` and so on. */
export const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
