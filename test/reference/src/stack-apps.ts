import { join } from 'node:path';
import type { TopicShape } from '@millrace/streaming-core/contract';
import { workspace } from './workspace.ts';

interface AppTopic extends TopicShape {
  /** What its records say about people in plain text. */
  readonly people?: string;
}

const { stack } = (await import(join(workspace, 'apps/stack/src/stack.ts'))) as {
  readonly stack: {
    readonly services: Readonly<Record<string, object>>;
    readonly apps: Readonly<Record<string, { readonly topics?: readonly AppTopic[] }>>;
  };
};

/** The services of the stack. */
export const stackServices: readonly string[] = Object.keys(stack.services);

/** The apps that run if they are named. */
export const optionalApps: readonly string[] = Object.keys(stack.apps);

/** The topics of the optional apps, with the app that they belong to. */
export const appTopics = Object.entries(stack.apps).flatMap(([app, { topics = [] }]) =>
  topics.map((topic) => ({ app, topic })),
);
