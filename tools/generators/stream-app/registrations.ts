import type { Tree } from '@nx/devkit';
import type { Registration } from '../source/registration.ts';
import { appProject } from '../source/app-projects.ts';
import { chart } from '../source/chart-programs.ts';
import { composeFile, withoutBlocks } from '../source/compose-blocks.ts';
import { editFile } from '../source/edit-text.ts';
import { keyOf, spellingsOf, workspaceName } from '../source/names.ts';
import { stackFile } from '../source/ports.ts';

const outputPartitions = 6;
const outputRetentionDays = 7;

/** The optional apps of the stack, as `stack.ts` lists them. */
const appsSection = /\n {2}apps: \{(?:|(.*?)\n {2})\},\n/s;

/** The entry of one app, on one line or on several. */
const entryOf = (name: string): RegExp =>
  new RegExp(`\\n {4}'?${name}'?: \\{(?: .*\\},|\\n(?: {6}.*\\n)* {4}\\},)`);

const topicOf = (name: string): string =>
  `{ ${keyOf(name)}: { partitions: ${outputPartitions}, retentionDays: ${outputRetentionDays} } }`;

export const isApp = (tree: Tree, name: string): boolean =>
  entryOf(name).test(appsSection.exec(tree.read(stackFile, 'utf8') ?? '')?.[1] ?? '');

const stack: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, stackFile, (text) => {
      const [section, apps = ''] = appsSection.exec(text) ?? [];
      if (section === undefined) throw new Error('has no "apps: {", into which to insert the app');
      const entry = `    ${keyOf(name)}: { app: '${name}', port: ${port}, state: true, topics: ${topicOf(name)} },`;
      return text.replace(section, () => `\n  apps: {${apps}\n${entry}\n  },\n`);
    }),
  remove: (tree, { name }) =>
    editFile(tree, stackFile, (text) => {
      const [section = ''] = appsSection.exec(text) ?? [];
      const left = section.replace(entryOf(name), '');
      return text.replace(section, () => left);
    }),
};

/**
 * Its block stands after those of all services, and its volume after all volumes. It publishes its
 * port itself, so that compose cannot start a second container on the same state.
 */
const compose: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, composeFile, (text) => {
      const [services, volumes, ...rest] = text.split('\nvolumes:\n');
      if (services === undefined || volumes === undefined || rest.length > 0)
        throw new Error('has no single "volumes:", before which to insert the app');
      const platform = workspaceName(tree);
      const { upper } = spellingsOf(name);
      const block = `
  ${name}:
    <<: *program
    profiles: [${name}]
    build: { <<: *build, args: { <<: *arguments, APP: ${name} } }
    image: ${platform}/${name}:\${${spellingsOf(platform).upper}_TAG:-local}
    depends_on:
      migrate: { condition: service_completed_successfully }
    environment:
      <<: *settings
      OPS_TOKEN_FILE: /operators/ops-token
      ${upper}_HOST: 0.0.0.0
      ${upper}_PORT: ${port}
      ${upper}_STATE_DIR: /data
    volumes: ['${name}:/data', 'operators:/operators:ro']
    ports: ['127.0.0.1:\${${upper}_PORT:-${port}}:${port}']
`;
      return `${services}${block}\nvolumes:\n${volumes}  ${name}:\n`;
    }),
  remove: (tree, { name }) => editFile(tree, composeFile, (text) => withoutBlocks(text, name)),
};

/** Every place outside of its folder that names a stream application. */
export const registrations: readonly Registration[] = [stack, compose, chart, appProject];
