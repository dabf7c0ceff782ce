import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { unlinkApp } from '../source/app-projects.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { isApp, registrations } from '../stream-app/registrations.ts';

/** Removes a stream application and every place that names it. Its topics and its state stay. */
export default async function removeStreamApp(
  tree: Tree,
  { name }: { readonly name: string },
): Promise<GeneratorCallback> {
  if (!isApp(tree, name))
    throw new Error(
      `the name of the stream application "${name}": apps/stack/src/stack.ts has no such app under "apps"`,
    );
  tree.delete(`apps/${name}`);
  for (const registration of registrations) registration.remove(tree, { name, port: 0 });
  await formatFiles(tree);
  return () => {
    unlinkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
${name} is removed. "npm run reference" takes it out of docs/reference. A system that has run keeps its topics, and its
state in the folder "state" of its data folder: "npm start -- --fresh" begins without them.`);
  };
}
