import { describe, expect, it } from '@jest/globals';
import { mayEnter } from './server-account.ts';

const account = { name: 'postgres', uid: 70, gid: 71 };
const folder = (mode: number, uid = 0, gid = 0) => ({ mode: 0o040_000 | mode, uid, gid });

describe('an account', () => {
  it.each([
    ['may enter its own folder by the bit of the owner', folder(0o700, 70), true],
    ['may not enter its own folder without that bit, whatever others may do', folder(0o677, 70), false],
    ["may enter its group's folder by the bit of the group", folder(0o710, 0, 71), true],
    [
      "may not enter its group's folder without that bit, whatever others may do",
      folder(0o707, 0, 71),
      false,
    ],
    ['may enter a folder of others by the bit of others', folder(0o711), true],
    ['may not enter a closed folder of others', folder(0o770), false],
  ])('%s', (_case, found, may) => {
    expect(mayEnter(found, account)).toBe(may);
  });
});
