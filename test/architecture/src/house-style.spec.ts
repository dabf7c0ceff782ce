import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { filesEndingIn, isTest, readText } from './workspace.ts';

const linesMax = 300;
/** For a file of one topic, which has an exception with the reason. */
const linesOfOneTopicMax = 400;
/** A file below this joins its only user, if that stands in the same folder. */
const linesAloneMin = 40;
/** Debts: how many small files have not joined their only user yet, and how short files still are. */
const smallFilesMax = 80;
const medianLinesMin = 60;
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

const produced = sources.filter(({ path }) => !isTest(path));

function smallWithOneUser(all: readonly Source[]): readonly string[] {
  const usersOf = new Map<string, string[]>();
  for (const source of all)
    for (const target of new Set(source.imports.map((specifier) => importedPath(source, specifier))))
      if (target !== undefined) usersOf.set(target, [...(usersOf.get(target) ?? []), source.path]);
  return all
    .filter(({ path, lines }) => {
      const [user, ...others] = usersOf.get(path) ?? [];
      const isAlone = user !== undefined && others.length === 0;
      return lines < linesAloneMin && isAlone && dirname(user) === dirname(path);
    })
    .map(({ path, lines }) => `${path}: ${lines} lines and one user in its folder: join them`);
}

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

  it('splits what has more than 400 lines, even if it is one topic', () => {
    expect(everySource.filter(({ lines }) => lines > linesOfOneTopicMax).map(({ path }) => path)).toEqual([]);
  });

  it('has no more small files with one user than it had, and no shorter files', () => {
    const small = smallWithOneUser(produced);
    expect(small.length > smallFilesMax ? small : []).toEqual([]);
    const lines = produced.map((source) => source.lines).sort((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeGreaterThanOrEqual(medianLinesMin);
  });

  it('has no catch-all files or folders', () => {
    expect(vague(everySource)).toEqual([]);
  });

  it('has no test that is focused, skipped or unwritten', () => {
    expect(notRun(everySource)).toEqual([]);
  });

  it('detects each of these faults', () => {
    const fault = (path: string, text: string) => [parseSource(path, text)];
    const small = [parseSource('libs/a/b.ts', "import './c.ts';"), parseSource('libs/a/c.ts', '')];
    expect(smallWithOneUser(small)).toHaveLength(1);
    expect(smallWithOneUser([...small, parseSource('libs/a/d.ts', "import './c.ts';")])).toEqual([]);
    expect(tooLong(fault('libs/a/src/long.ts', '\n'.repeat(linesMax + 1)))).toHaveLength(1);
    for (const path of ['libs/a/src/utils.ts', 'libs/a/src/common/x.ts', 'apps/a/src/string-helpers.ts'])
      expect(vague(fault(path, ''))).toHaveLength(1);
    for (const call of ['it.only', 'describe.skip', 'it.each.skip', 'it.todo', 'xit', 'describe.only.each'])
      expect(notRun(fault('a.spec.ts', `${call}('x', () => {})`))).toHaveLength(1);
    expect(notRun(fault('a.ts', 'reader.skip(4)'))).toEqual([]);
  });
});
