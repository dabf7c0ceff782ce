import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { bare, nameOf, TypeScriptFile } from '../source/typescript-file.ts';
import type { Plan } from './plan.ts';

/** Adds a text wherever each reason has one, as in the mails: the compiler demands it. */
export function addReasonTexts(tree: Tree, { reasons, reason, past }: Plan): void {
  visitNotIgnoredFiles(tree, 'apps', (path) => {
    if (!/\.tsx?$/.test(path)) return;
    if (tree.read(path, 'utf8')?.includes(reasons.type) !== true) return;
    const file = new TypeScriptFile(tree, path);
    const object = file
      .all(ts.isVariableDeclaration)
      .filter(({ type }) => new RegExp(`Record<[^,]*\\b${reasons.type}\\b`).test(type?.getText() ?? ''))
      .map(({ initializer }) => initializer && bare(initializer))
      .find((each) => each !== undefined && ts.isObjectLiteralExpression(each));
    if (object === undefined || !ts.isObjectLiteralExpression(object)) return;
    if (!object.properties.some((each) => nameOf(each) === reason))
      file.addProperty(object, `${reason}: 'it could not be ${past}'`);
  });
}
