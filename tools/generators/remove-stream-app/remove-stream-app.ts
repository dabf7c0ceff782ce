import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { removeAppProject, unlinkApp } from '../source/app-projects.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { isApp, removeFromCompose, removeFromStack } from '../stream-app/registrations.ts';

/** Removes a stream application and every place that names it. Its topics and its state stay. */
export default async function removeStreamApp(
  tree: Tree,
  { name }: { readonly name: string },
): Promise<GeneratorCallback> {
  if (!isApp(tree, name))
    throw new Error(`there is no stream application "${name}": apps in apps/stack/src/stack.ts lists them`);
  tree.delete(`apps/${name}`);
  removeFromStack(tree, { name });
  removeFromCompose(tree, { name });
  removeAppProject(tree, name);
  await formatFiles(tree);
  return () => {
    unlinkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
${name} is removed. A system that has run keeps its topics, and its state in state/${name}-1 of the data folder:
"npm start -- --fresh" begins without them.`);
  };
}
