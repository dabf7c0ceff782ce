import type { CaseContext } from '../case-context.ts';

/** Settings of librdkafka. */
export type KcatSettings = Readonly<Record<string, string | number>>;

const settingFlags = (settings: KcatSettings): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${String(value)}`]);

export const kcatCommand = (context: CaseContext, args: readonly string[], settings: KcatSettings = {}): readonly string[] => [
  ...['kcat', '-b', context.bootstrapServers],
  ...args,
  ...settingFlags(settings),
];

export const produce = (
  context: CaseContext,
  args: readonly string[],
  lines: readonly string[],
  settings: KcatSettings = {},
): Promise<string> => context.run(kcatCommand(context, ['-P', ...args], settings), { input: linesOf(lines) });

/** To the present end; the lines that it prints. */
export async function consume(context: CaseContext, args: readonly string[], settings: KcatSettings = {}): Promise<readonly string[]> {
  return splitLines(await context.run(kcatCommand(context, ['-C', '-e', '-q', ...args], settings)));
}

export const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

export const splitLines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** `prefix0`, `prefix1`, ... */
export const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
