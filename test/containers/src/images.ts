import { readComposeFile, workspace } from './compose-file.ts';
import type { Engine } from './engine.ts';
import { run } from './run-command.ts';

/** A tag for this project's images, so that no others are replaced or removed. */
export const testTag = 'containers-test';

type Building = Pick<Engine, 'environment' | 'compose'>;

/** Builds the images one after the other, since they share all but their last layers. */
export async function buildImages({ environment, compose: [command, ...args] }: Building): Promise<void> {
  const built = Object.values(readComposeFile().services).filter(({ build }) => build !== undefined);
  const profiles = new Set(built.flatMap(({ profiles = [] }) => profiles));
  await run(command, [...args, ...[...profiles].flatMap((profile) => ['--profile', profile]), 'build'], {
    folder: workspace,
    environment: { ...environment, MILLRACE_TAG: testTag },
  });
}

export async function removeImages({ environment }: Building): Promise<void> {
  const listed = await run(
    'docker',
    ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=*/*:${testTag}`],
    {
      environment,
    },
  );
  const images = listed.split('\n').filter((image) => image !== '');
  if (images.length > 0) await run('docker', ['rmi', '--force', ...images], { environment });
}

/** The engine that the project's setup has provided. */
export function containerEngine(): Building {
  const given = process.env.MILLRACE_TEST_CONTAINERS;
  if (given === undefined)
    throw new Error('no container engine for this test: run its project with the target test-ci');
  return JSON.parse(given) as Building;
}
