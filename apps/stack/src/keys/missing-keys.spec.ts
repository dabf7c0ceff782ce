import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hasOwnKeys, markKeysMissing, refuseMissingKeys } from './missing-keys.ts';
import { embeddedKeys } from '../definition/keys.ts';
import { planKeys, type KeysTools } from './plan-keys.ts';

describe('a data folder that was restored without its keys', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'millrace-keys-'));
    markKeysMissing(dataFolder);
  });
  afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

  const tools = () => ({ dataFolder, supervised: () => ({}) }) as unknown as KeysTools;
  const plan = () => planKeys(embeddedKeys({ port: 54328 }), tools());

  it('is refused before the stack makes new keys, with both remedies', async () => {
    const [marker] = readdirSync(dataFolder);
    await expect(plan()).rejects.toThrow(
      new RegExp(`without its keys: add them with .* --keys-from .* delete ${join(dataFolder, marker!)};`),
    );
  });

  it('starts with keys of a database elsewhere', async () => {
    const plan = await planKeys({ engine: 'existing', url: 'postgres://u:p@h/keys' }, tools());
    expect(plan.url()).toBe('postgres://u:p@h/keys');
  });

  it('starts once the operator has given the keys up', async () => {
    for (const name of readdirSync(dataFolder)) rmSync(join(dataFolder, name));
    expect((await plan()).processes).toHaveLength(1);
  });

  it('starts once the keys are there, even if the restore ended before it had removed its mark', async () => {
    const [marker] = readdirSync(dataFolder);
    mkdirSync(join(dataFolder, 'keys'));
    writeFileSync(join(dataFolder, 'keys/PG_VERSION'), '18\n');
    await refuseMissingKeys(dataFolder);
    expect(existsSync(join(dataFolder, marker!))).toBe(false);
  });

  it('counts as a folder with keys, so that a restore of its backup asks for them too', async () => {
    expect(await hasOwnKeys(dataFolder)).toBe(true);
    for (const name of readdirSync(dataFolder)) rmSync(join(dataFolder, name));
    expect(await hasOwnKeys(dataFolder)).toBe(false);
  });
});
