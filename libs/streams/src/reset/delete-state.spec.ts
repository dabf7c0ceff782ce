import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStateFolder } from '../runtime/state-folder.ts';
import { deleteState } from './reset-application.ts';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-reset-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

describe('the deletion of state', () => {
  it('removes the folder of the application, and no other', () => {
    mkdirSync(join(stateDir, 'shop/0_1'), { recursive: true });
    mkdirSync(join(stateDir, 'bank'));
    writeFileSync(join(stateDir, 'shop/0_1/state.db'), 'rows');

    expect(deleteState(stateDir, 'shop', randomUUID)).toBe(join(stateDir, 'shop'));
    expect(existsSync(join(stateDir, 'shop'))).toBe(false);
    expect(existsSync(join(stateDir, 'bank'))).toBe(true);
  });

  it('does nothing if there is no state', () => {
    expect(deleteState(stateDir, 'shop', randomUUID)).toBeUndefined();
    expect(existsSync(join(stateDir, 'shop'))).toBe(false);
  });

  it('T15 is refused while a process uses the folder', () => {
    openStateFolder(stateDir, 'shop', randomUUID);

    expect(() => deleteState(stateDir, 'shop', randomUUID)).toThrow(
      `the state folder ${join(stateDir, 'shop')} is in use by process ${process.pid}: stop it first`,
    );
    expect(existsSync(join(stateDir, 'shop/process-id'))).toBe(true);
  });
});
