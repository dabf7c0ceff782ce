import { describe, expect, it } from '@jest/globals';
import { accountForServer } from './server-account.ts';

const passwd = (...lines: string[]) => lines.join('\n');
const root = 'root:x:0:0:root:/root:/bin/bash';
const nobody = 'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin';
const postgres = 'postgres:x:70:71:PostgreSQL:/var/lib/postgresql:/bin/sh';

describe('the account that runs PostgreSQL', () => {
  it('is the current one unless that is root, and the list of users is not even read', () => {
    const unread = () => {
      throw new Error('read');
    };

    expect(accountForServer(1000, unread)).toBeUndefined();
  });

  it('is postgres for root, in preference to nobody', () => {
    expect(accountForServer(0, () => passwd(root, nobody, postgres))).toEqual({
      name: 'postgres',
      uid: 70,
      gid: 71,
    });
  });

  it('is nobody for root if there is no postgres', () => {
    expect(accountForServer(0, () => passwd(root, nobody, ''))).toEqual({
      name: 'nobody',
      uid: 65534,
      gid: 65533,
    });
  });

  it('is missing if there is neither, and the error names the remedy', () => {
    expect(() => accountForServer(0, () => passwd(root))).toThrow(
      /run as another user, or create one with `useradd postgres`/,
    );
  });
});
