import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, logFolder } from './log-folder.fixture.ts';

describe('a data folder', () => {
  const suite = logFolder();
  const edit = (name: string, change: (text: string) => string) => {
    const path = join(suite.dataFolder, name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };

  it('L25 is rejected if this broker does not read it any more, and left unchanged', async () => {
    await appendAll(await suite.create(), batchOf(['a']));
    await suite.close();
    edit('meta.properties', (text) => text.replace('millrace.format.version=2', 'millrace.format.version=1'));
    await expect(suite.reopen()).rejects.toThrow(
      /has format version 1, but this broker reads 2 and later ones: set an empty folder/,
    );
    expect(readFileSync(join(suite.dataFolder, 'meta.properties'), 'utf8')).toContain(
      'millrace.format.version=1',
    );
  });

  it('is rejected if its list of topics is damaged: a flipped bit could rename a topic', async () => {
    await appendAll(await suite.create(), batchOf(['a']));
    await suite.close();
    edit('topics.json', (text) => text.replace('"partitions": 1', '"partitions": 3'));
    await expect(suite.reopen()).rejects.toThrow(/topics\.json is damaged.*restore it from a copy/);
  });

  it.each(['', 'null', '{}', '{"version":1'])('is rejected if its list of topics is %p', async (text) => {
    await appendAll(await suite.create(), batchOf(['a']));
    await suite.close();
    edit('topics.json', () => text);
    await expect(suite.reopen()).rejects.toThrow(/topics\.json cannot be read: restore it from a copy/);
  });

  it('is rejected if its list of topics is lost: it would look like a folder that was never used', async () => {
    await appendAll(await suite.create(), batchOf(['a']));
    await suite.close();
    rmSync(join(suite.dataFolder, 'topics.json'));
    await expect(suite.reopen()).rejects.toThrow(
      /topics\.json is missing though the folder has 1 partitions: restore it from a copy/,
    );
  });
});

describe('a data folder of Apache Kafka', () => {
  const suite = logFolder();

  it('is rejected and left unchanged: its topics are listed in the log of its controllers', async () => {
    const path = join(suite.dataFolder, 'meta.properties');
    const text =
      '#\n#Sat Nov 21 02:44:09 UTC 2026\nnode.id=1\nversion=1\ndirectory.id=kTaYEFsoS3erGLtdxwBQaQ\ncluster.id=MkU3OEVBNTcwNTJENDM2Qk\n';
    writeFileSync(path, text);
    await expect(suite.create()).rejects.toThrow(/was written by Apache Kafka.*set an empty folder/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
