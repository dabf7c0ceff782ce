import type { Tree } from '@nx/devkit';
import { appProject } from '../source/app-projects.ts';
import { chart } from '../source/chart-programs.ts';
import { editFile, insertAfterLast, withoutLines } from '../source/edit-text.ts';
import { keyOf } from '../source/names.ts';
import { stackFile } from '../source/ports.ts';
import type { Registration } from '../source/registration.ts';
import { compose } from './compose-file.ts';
import { contracts, topics } from './contracts-files.ts';

const prometheusFile = 'deploy/prometheus/prometheus.yml';

/** The services of the stack and their ports, as `stack.ts` lists them. */
export function servicesOf(tree: Tree): ReadonlyMap<string, number> {
  const text = tree.read(stackFile, 'utf8') ?? '';
  const services = /\n {2}services: \{\n(.*?)\n {2}\},\n/s.exec(text)?.[1];
  if (services === undefined) throw new Error(`${stackFile} has no "services: {"`);
  return new Map(
    [...services.matchAll(/^ {4}'?([a-z0-9-]+)'?: \{[^}]*?port: ([\d_]+)/gm)].map(
      ([, name = '', port = '']) => [name, Number(port.replaceAll('_', ''))],
    ),
  );
}

const stack: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, stackFile, (text) =>
      text.replace(/(\n {2}services: \{\n.*?)(\n {2}\},\n)/s, (_, services: string, end: string) => {
        const line = `    ${keyOf(name)}: { app: '${name}', port: ${port} },`;
        return `${services}\n${line}${end}`;
      }),
    ),
  remove: (tree, { name }) =>
    editFile(tree, stackFile, (text) =>
      text.replace(new RegExp(`^ {4}'?${name}'?: \\{[^}]*\\},\\n`, 'm'), ''),
    ),
};

const prometheus: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, prometheusFile, (text) =>
      insertAfterLast(
        insertAfterLast(text, /^ {10}- '127\.0\.0\.1:\d+'$/, `          - '127.0.0.1:${port}'`),
        /^ {2}# {5}- \{ names: /,
        `  #     - { names: [${name}], type: A, port: ${port} }`,
      ),
    ),
  remove: (tree, { name, port }) =>
    editFile(tree, prometheusFile, (text) =>
      withoutLines(
        withoutLines(text, new RegExp(`^ {10}- '127\\.0\\.0\\.1:${port}'$`)),
        new RegExp(`^ {2}# {5}- \\{ names: \\[${name}\\]`),
      ),
    ),
};

/** Every place outside of its folder that names a service. */
export const registrations: readonly Registration[] = [
  topics,
  contracts,
  stack,
  compose,
  chart,
  prometheus,
  appProject,
];
