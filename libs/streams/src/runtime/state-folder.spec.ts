import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStateFolder, checkTopologyFile } from './state-folder.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-state-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

describe('the state folder of an application', () => {
  it('keeps its process id, which another folder does not share', () => {
    const first = openStateFolder(stateDir, 'counts', randomUUID);
    first.release();
    const again = openStateFolder(stateDir, 'counts', randomUUID);
    const other = openStateFolder(stateDir, 'other', randomUUID);

    expect(again.processId).toBe(first.processId);
    expect(other.processId).not.toBe(first.processId);
  });

  it('T08 is refused while another process uses it, and the error has its process id', () => {
    openStateFolder(stateDir, 'counts', randomUUID);

    expect(() => openStateFolder(stateDir, 'counts', randomUUID)).toThrow(
      `${join(stateDir, 'counts')} is in use by process ${process.pid}: give each process a stateDir of its own`,
    );
  });

  it('replaces a process id that was only partly written', () => {
    const first = openStateFolder(stateDir, 'counts', randomUUID);
    first.release();
    writeFileSync(join(first.path, 'process-id'), first.processId.slice(0, 20));

    const again = openStateFolder(stateDir, 'counts', randomUUID);

    expect(again.processId).toHaveLength(36);
    expect(again.processId).not.toBe(first.processId);
  });
});

describe('the topology of a state folder', () => {
  const description = 'Topologies:\n   Sub-topology: 0\n';

  it('may gain stores and operators', () => {
    checkTopologyFile(stateDir, { description, storeNames: ['counts'] }, false);

    expect(() =>
      checkTopologyFile(stateDir, { description: 'more', storeNames: ['sums', 'counts'] }, false),
    ).not.toThrow();
  });

  it('T08 must not lose a store, because its state would be left behind', () => {
    checkTopologyFile(stateDir, { description, storeNames: ['counts', 'sums'] }, false);
    const renamed = { description, storeNames: ['totals', 'sums'] };

    const start = () => checkTopologyFile(stateDir, renamed, false);

    expect(start).toThrow('the topology has no store counts any more');
    expect(start).toThrow('set allowTopologyChange');
  });

  it('may lose a store if that is allowed, and then stays without it', () => {
    checkTopologyFile(stateDir, { description, storeNames: ['counts'] }, false);
    checkTopologyFile(stateDir, { description, storeNames: [] }, true);

    expect(() => checkTopologyFile(stateDir, { description, storeNames: [] }, false)).not.toThrow();
  });
});
