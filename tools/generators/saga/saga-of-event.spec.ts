import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import service from '../service/service.ts';
import { workspaceTree } from '../service/workspace-tree.fixture.ts';
import saga from './saga.ts';

const fields = join(import.meta.dirname, '../../../libs/contracts/src/fields.ts');
const contracts = 'libs/contracts/src/sample-participant.ts';
const definition = 'apps/sample-service/src/trial/trial.saga.ts';
const options = { name: 'trial', in: 'sample-service', starts: 'SpecimenOpened', asks: 'OpenProbe' };

/** The workspace with a service that runs the saga, and one that takes part in it but cannot refuse. */
async function twoServices(): Promise<Tree> {
  const tree = workspaceTree();
  tree.write('libs/contracts/src/fields.ts', readFileSync(fields, 'utf8'));
  await service(tree, { name: 'sample-service', entity: 'specimen' });
  await service(tree, { name: 'sample-participant', entity: 'probe' });
  return tree;
}

function declareRefusal(tree: Tree): void {
  const opened = 'ProbeOpened: z.strictObject({ probeId, name }),';
  const refused = `ProbeRefused: z.strictObject({ probeId, reason: z.literal('broken') }),`;
  tree.write(contracts, (tree.read(contracts, 'utf8') ?? '').replace(opened, `${opened}\n${refused}`));
}

describe('npm run new -- saga NAME --starts EVENT --asks COMMAND', () => {
  let tree: Tree;
  beforeAll(async () => {
    tree = await twoServices();
  });

  it('refuses one option without the other', async () => {
    await expect(saga(tree, { ...options, asks: undefined })).rejects.toThrow(
      '--starts and --asks belong together',
    );
  });

  it('refuses an event that the service does not publish, and lists those that it does', async () => {
    await expect(saga(tree, { ...options, starts: 'SpecimenLost' })).rejects.toThrow(
      /^--starts: sample-service-events has no message SpecimenLost: .* SpecimenOpened, SpecimenClosed$/,
    );
  });

  it('refuses a command that no service reads', async () => {
    await expect(saga(tree, { ...options, asks: 'OpenNothing' })).rejects.toThrow(
      '--asks "OpenNothing": give the command of a service, a verb and a noun such as OpenClaim',
    );
  });

  it('refuses a command that cannot be rejected, and says where to declare the rejection', async () => {
    await expect(saga(tree, options)).rejects.toThrow(
      `no event such as ProbeRefused with a field "reason": a step can be rejected, so declare one in ${contracts}`,
    );
  });

  it('writes a saga whose step the participant accepts, rejects or undoes', async () => {
    declareRefusal(tree);
    await saga(tree, options);

    const text = tree.read(definition, 'utf8');
    expect(text).toContain('starts: sampleServiceEvents.SpecimenOpened,');
    expect(text).toContain('OpenProbe({ probeId: specimen.specimenId, name: specimen.name })');
    expect(text).toContain('rejected: sampleParticipantEvents.ProbeRefused,');
    expect(text).toContain('CloseProbe({ probeId: specimen.specimenId })');
    expect(tree.read('apps/sample-service/src/sample-service.module.ts', 'utf8')).toContain(
      'sagas: [serviceSaga(trialVersions)],',
    );
  });

  it('does not overwrite a saga', async () => {
    await expect(saga(tree, options)).rejects.toThrow('choose another name for the saga');
  });
});
