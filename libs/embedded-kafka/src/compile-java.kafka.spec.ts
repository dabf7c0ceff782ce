import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compileJava } from './compile-java.ts';

/** Stands in for the compiler: writes a class, and fails if a source says so. */
const compiler = `#!/bin/sh
while [ $# -gt 0 ]; do case "$1" in -d) shift; echo class > "$1/Main.class";; *.java) last="$1";; esac; shift; done
grep -q broken "$last" && { echo "error: ';' expected" >&2; exit 1; }
exit 0
`;

describe('compiling Java', () => {
  const javaHome = process.env.JAVA_HOME;
  const printed: string[] = [];
  let folder: string;
  const sources = () => join(folder, 'sources');
  const write = (text: string) => writeFileSync(join(sources(), 'Main.java'), text);
  const compile = () =>
    compileJava({
      sources: sources(),
      jars: '/jars',
      cacheFolder: folder,
      print: (line) => printed.push(line),
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-java-'));
    for (const name of ['sources', 'bin']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'bin/javac'), compiler);
    chmodSync(join(folder, 'bin/javac'), 0o755);
    process.env.JAVA_HOME = folder;
    printed.length = 0;
  });

  afterEach(() => {
    if (javaHome === undefined) delete process.env.JAVA_HOME;
    else process.env.JAVA_HOME = javaHome;
    rmSync(folder, { recursive: true });
  });

  it('happens once for the same sources, and again when they change', async () => {
    write('class Main {}');
    const first = await compile();
    expect(readdirSync(first)).toEqual(['Main.class']);
    expect(await compile()).toBe(first);
    expect(printed).toHaveLength(1);
    write('class Main { int more; }');
    expect(await compile()).not.toBe(first);
    expect(printed).toHaveLength(2);
  });

  it('rejects with the compiler’s messages and leaves no classes', async () => {
    write('class broken');
    await expect(compile()).rejects.toThrow("error: ';' expected");
    expect(readdirSync(join(folder, 'java-classes'))).toEqual([]);
  });

  it('names the remedy if there is no compiler', async () => {
    write('class Main {}');
    rmSync(join(folder, 'bin/javac'));
    await expect(compile()).rejects.toThrow(/does not start: install a JDK 17/);
    expect(existsSync(join(folder, 'bin/javac'))).toBe(false);
  });
});
