import ts from 'typescript';
import { filesOf, readText } from './workspace.ts';

/** What the docstrings in the contracts say of topics and of messages, by `topic` and `topic.Type`. */
export function declaredTexts(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const path of filesOf('libs/contracts/src/*.ts')) {
    const tree = ts.createSourceFile(path, readText(path), ts.ScriptTarget.ES2023, true);
    for (const statement of tree.statements) if (ts.isVariableStatement(statement)) ofTopic(statement, texts);
  }
  return texts;
}

function ofTopic(statement: ts.VariableStatement, texts: Map<string, string>): void {
  const [declaration] = statement.declarationList.declarations;
  const call = declaration?.initializer;
  if (declaration === undefined || call === undefined || !ts.isCallExpression(call)) return;
  if (call.expression.getText() !== 'topic') return;
  const topic = declaration.name.getText();
  set(texts, topic, statement);
  const messages = call.arguments[2];
  if (messages === undefined || !ts.isObjectLiteralExpression(messages)) return;
  for (const message of messages.properties)
    if (message.name !== undefined) set(texts, `${topic}.${message.name.getText()}`, message);
}

function set(texts: Map<string, string>, name: string, node: ts.Node): void {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ');
  if (text !== '') texts.set(name, text.replaceAll(/\s+/g, ' ').trim());
}
