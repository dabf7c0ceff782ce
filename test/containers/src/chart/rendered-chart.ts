import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { readText, workspace } from '../compose-file.ts';

const chart = join(workspace, 'deploy/k8s');

/** What the templates know of the programs. */
export const programs = load(readText('deploy/k8s/files/programs.yaml')) as {
  readonly memory: string;
  readonly probe: { readonly failureThreshold: number };
  readonly services: Readonly<
    Record<string, { readonly readModels?: boolean; readonly personalData?: boolean; readonly port: number }>
  >;
  readonly apps: Readonly<Record<string, { readonly oneProcess?: boolean }>>;
};

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: object; readonly fieldRef?: object };
}

interface Container {
  readonly env: readonly Variable[];
  readonly securityContext: object;
  readonly resources: object;
  readonly livenessProbe?: object;
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly [Container]; readonly [key: string]: unknown };
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template?: Pod;
    readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly [key: string]: unknown;
  };
}

/** Runs Helm, which `npm run verify -- chart` provides. Returns its output, and whether it succeeded. */
export function helm(...args: readonly string[]): { readonly done: boolean; readonly output: string } {
  const { MILLRACE_HELM: program, MILLRACE_KUBERNETES: version = '' } = process.env;
  if (program === undefined) throw new Error('MILLRACE_HELM is not set: run `npm run verify -- chart`');
  const result = spawnSync(program, [...args, '--kube-version', version], { encoding: 'utf8', cwd: chart });
  return { done: result.status === 0, output: `${result.stdout}${result.stderr}` };
}

/** The objects of a set of values, with further values. Throws if Helm refuses them. */
export function render(set: string, ...further: readonly string[]): readonly KubernetesObject[] {
  const { done, output } = helm('template', 'shop', '.', '--values', `values/${set}`, ...further);
  if (!done) throw new Error(output);
  return (loadAll(output) as readonly (KubernetesObject | null)[]).filter((each) => each !== null);
}

export const podsOf = (objects: readonly KubernetesObject[]): ReadonlyArray<{ name: string; pod: Pod }> =>
  objects.flatMap(({ metadata: { name }, spec: { template: pod } }) =>
    pod === undefined ? [] : [{ name, pod }],
  );

/** Whether the labels of a pod have all that a selector asks for. */
export const selects = (wanted: Readonly<Record<string, string>> = {}, pod: Pod): boolean =>
  Object.entries(wanted).every(([label, value]) => pod.metadata.labels[label] === value);
