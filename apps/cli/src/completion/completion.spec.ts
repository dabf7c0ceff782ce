import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { millrace } from '../cli.fixture.ts';

const script = async (shell: string): Promise<string> => (await millrace(['completion', shell])).out;

/** Returns the words that bash offers while the last of these words is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const typed = ['millrace', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', `${await script('bash')}\n${ask}`], { encoding: 'utf8' });
  return out.trim().split('\n');
}

describe('the completion of bash', () => {
  it('offers commands, the commands of a group, and options', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['topics', 'messages', 'completion']));
    expect(await offered('to')).toEqual(['topics']);
    expect(await offered('topics', '')).toEqual(expect.arrayContaining(['list', 'describe']));
    expect(await offered('topics', 'de')).toEqual(['describe', 'delete-records', 'delete']);
    expect(await offered('topics', 'create', '--p')).toEqual(['--partitions']);
    expect(await offered('messages', 'order-events', '--fo')).toEqual(['--follow']);
    expect(await offered('messages', '--js')).toEqual(['--json']);
  });

  it('defines a function that passes its arguments on, wherever it is called', async () => {
    const npm = `npm() { printf '%s\\n' "$@"; }`;
    const out = execFileSync(
      'bash',
      ['-c', `${npm}\n${await script('bash')}\nmillrace sql order -c 'SELECT 1'`],
      {
        encoding: 'utf8',
      },
    );
    expect(out.trim().split('\n').slice(2)).toEqual([
      'run',
      '--silent',
      'millrace',
      '--',
      'sql',
      'order',
      '-c',
      'SELECT 1',
    ]);
  });
});

describe('the completion of other shells', () => {
  it('is that of bash in zsh, with the support for it', async () => {
    expect(await script('zsh')).toContain(await script('bash'));
    expect(await script('zsh')).toContain('bashcompinit');
  });

  it('describes each command and option in fish', async () => {
    const lines = (await script('fish')).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^complete -c millrace -f -n '__fish_use_subcommand' -a topics -d '.+'$/),
        expect.stringContaining(
          `'__fish_seen_subcommand_from topics; and __fish_seen_subcommand_from create' -l partitions -r`,
        ),
      ]),
    );
    // Every quote in a meaning is escaped.
    for (const line of lines) expect(line.replaceAll("\\'", '').split("'").length % 2).toBe(1);
  });

  it('does not exist for an unknown one', async () => {
    expect(await millrace(['completion', 'csh'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('bash, zsh, fish'),
    });
  });
});
