import { describe, expect, it } from '@jest/globals';
import { countCalls, happenedIn, straceWith } from './injection.ts';

describe('an injection', () => {
  it('becomes an option of strace', () => {
    const command = straceWith({ call: 'fdatasync', fault: 'EIO', nth: 3 }, 'trace.txt').join(' ');
    expect(command).toContain('-o trace.txt -e trace=fdatasync -e inject=fdatasync:error=EIO:when=3');
  });

  it('counts as happened when the trace says so', () => {
    expect(happenedIn('7  fdatasync(21) = -1 EIO (Input/output error) (INJECTED)')).toBe(true);
    expect(happenedIn('7  +++ killed by SIGKILL +++')).toBe(true);
    expect(happenedIn('7  fdatasync(21) = 0')).toBe(false);
  });

  it('counts each call once, in the thread that made most', () => {
    const trace = [
      '7  pwrite64(21, ""..., 10, 0) = 10',
      '7  pwrite64(21, ""..., 10, 10) = 10',
      '8  pwrite64(22 <unfinished ...>',
      '8  <... pwrite64 resumed>) = 4',
      '8  read(3)',
    ];
    expect(countCalls(trace.join('\n')).get('pwrite64')).toBe(2);
    expect(countCalls(trace.join('\n')).get('fsync')).toBe(0);
  });
});
