import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { parseSource, sources, type Source } from './typescript-source.ts';
import { filesEndingIn, readText } from './workspace.ts';

const linesMax = 300;
const vagueNames = /(^|[/.-])(utils?|helpers?|misc)([/.-]|$)|(^|\/)(common|shared)([/.]|$)/;
const unfinished = /^(describe|it|test)(\.\w+)*\.(only|skip|todo)\b|^(fit|xit|xtest|fdescribe|xdescribe)$/;

const everySource: readonly Source[] = [
  ...sources,
  ...filesEndingIn('.ts', 'tools').map((path) => parseSource(path, readText(path))),
];

const tooLong = (all: readonly Source[]) =>
  all
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${linesMax}: split it`);

const vague = (all: readonly Source[]) =>
  all
    .filter(({ path }) => vagueNames.test(path))
    .map(({ path }) => `${path}: name it after the one thing that it contains`);

const notRun = (all: readonly Source[]) =>
  all.flatMap(({ path, calls }) =>
    calls
      .filter((call) => unfinished.test(call))
      .map((call) => `${path}: ${call}: every test has to run: delete it or let it run`),
  );

describe('the house style', () => {
  it('keeps every file on a few screens', () => {
    expect(withoutExceptions('file length', tooLong(everySource))).toEqual([]);
  });

  it('has no catch-all files or folders', () => {
    expect(vague(everySource)).toEqual([]);
  });

  it('has no test that is focused, skipped or unwritten', () => {
    expect(notRun(everySource)).toEqual([]);
  });

  it('detects each of these faults', () => {
    const fault = (path: string, text: string) => [parseSource(path, text)];
    expect(tooLong(fault('libs/a/src/long.ts', '\n'.repeat(linesMax + 1)))).toHaveLength(1);
    for (const path of ['libs/a/src/utils.ts', 'libs/a/src/common/x.ts', 'apps/a/src/string-helpers.ts'])
      expect(vague(fault(path, ''))).toHaveLength(1);
    for (const call of ['it.only', 'describe.skip', 'it.each.skip', 'it.todo', 'xit', 'describe.only.each'])
      expect(notRun(fault('a.spec.ts', `${call}('x', () => {})`))).toHaveLength(1);
    expect(notRun(fault('a.ts', 'reader.skip(4)'))).toEqual([]);
  });
});
