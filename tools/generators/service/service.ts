import { type Tree } from '@nx/devkit';
export default function service(tree: Tree, { name }: { readonly name: string }): void {
  tree.write(`tmp-x/${name}.txt`, 'hello\n');
}
